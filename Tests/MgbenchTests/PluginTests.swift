import Foundation
import Records
import Testing

/// Kernels from outside: what `mgbench new-kernel` writes, right as it stands and broken on purpose.
@Suite struct PluginTests {
    /// A folder that is gone with its test.
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }

        /// Runs a command line here, by a shell.
        func run(_ command: String) throws -> Int32 {
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", command]
            shell.currentDirectoryURL = url
            shell.environment = ProcessInfo.processInfo.environment.merging(["CC": "clang"]) { $1 }
            // The tests' output is the tests'.
            let log = url.appendingPathComponent("log")
            if !FileManager.default.fileExists(atPath: log.path) { try Data().write(to: log) }
            let handle = try FileHandle(forWritingTo: log)
            try handle.seekToEnd()
            shell.standardOutput = handle
            shell.standardError = handle
            try shell.run()
            shell.waitUntilExit()
            return shell.terminationStatus
        }

        var log: String { (try? String(contentsOf: url.appendingPathComponent("log"), encoding: .utf8)) ?? "" }

        /// A new kernel with one piece of its text replaced, built; the path of its library.
        func plugin(_ family: String, _ name: String, replacing old: String = "", by new: String = "") throws -> String
        {
            let made = try Program.run(["new-kernel", family, name, "--into", url.path])
            try #require(made.status == 0, "\(made.errors)")
            let source = url.appendingPathComponent("\(name)/\(name).c")
            var text = try String(contentsOf: source, encoding: .utf8)
            if !old.isEmpty {
                try #require(text.contains(old))
                text = text.replacingOccurrences(of: old, with: new)
                try text.write(to: source, atomically: true, encoding: .utf8)
            }
            try #require(try run("make -C \(name)") == 0, "\(log)")
            return url.appendingPathComponent("\(name)/lib\(name).so").path
        }
    }

    private static let rows = "mg_work_range(work, problem->rows, 1, &from, &to);"

    private func measure(
        _ plugins: [String], suite: String = "softmax", sweep: String = "rows=4,columns=16", in folder: Folder,
        environment: [String: String] = [:]
    ) throws -> (program: Program, run: Run) {
        let json = folder.url.appendingPathComponent("run.json")
        let program = try Program.run(
            [
                "run", "--suite", suite, "--sweep", sweep, "--variants", "reference", "--time-box", "0.02", "--threads",
                "1", "--counters", "none", "--output", folder.url.path, "--json", json.path, "--allow-debug",
            ] + plugins.flatMap { ["--plugin", $0] }, environment: environment)
        return (program, try RecordStore.load(json))
    }

    @Test(arguments: [
        ("softmax", "rows=4,columns=16"), ("matmul", "m=3,n=17,k=9"), ("norm", "rows=4,columns=16"),
        ("attention", "seq=5,dim=8"), ("ffn", "tokens=2,model=8,hidden=24"), ("quantized_matmul", "m=2,k=256,n=24"),
        ("elementwise", "count=50"),
    ])
    func aNewKernelIsRightAndHasATimeBesideOurs(family: String, sweep: String) throws {
        let folder = try Folder()
        let (program, run) = try measure(
            [folder.plugin(family, "mine")], suite: family.replacingOccurrences(of: "_", with: "-"), sweep: sweep,
            in: folder)
        #expect(program.status == 0, "\(program.errors)")
        let mine = try #require(run.measurements.first { $0.variant == "mine:simple" })
        #expect(mine.verdict == .verified && mine.kind == .plugin && !mine.samples.isEmpty)
        #expect(mine.story == "the definition in C, sums in double")
        #expect(try #require(mine.verification).checkedAfterTiming)
        #expect(mine.speedups.map(\.against) == ["reference"])
        #expect(program.output.contains("mine:simple"))
    }

    @Test func variantsNamesKernelsFromOutsideAndLeavesOut() throws {
        let folder = try Folder()
        let plugins = try ["mine", "yours"].flatMap { ["--plugin", try folder.plugin("softmax", $0)] }
        func measured(_ variants: String) throws -> [String] {
            let json = folder.url.appendingPathComponent("chosen.json")
            let program = try Program.run(
                [
                    "run", "--suite", "softmax", "--sweep", "rows=4,columns=16", "--time-box", "0.01", "--threads", "1",
                    "--counters", "none", "--output", folder.url.path, "--json", json.path, "--allow-debug",
                    "--variants", variants,
                ] + plugins)
            try #require(program.status == 0, "\(program.errors)")
            return try RecordStore.load(json).measurements.map(\.variant).sorted()
        }
        #expect(try measured("mine:simple") == ["mine:simple"])
        #expect(try measured("reference,mine") == ["mine:simple", "reference"])
        #expect(try measured("reference,-mine") == ["reference", "yours:simple"])
        let rest = try measured("-reference,-yours:simple")
        #expect(rest.contains("mine:simple") && rest.contains { $0.hasPrefix("fused__") })
        #expect(!rest.contains("reference") && !rest.contains("yours:simple"))
        for wrong in ["theirs", "-theirs", "mine:other"] {
            let program = try Program.run(["run", "--suite", "softmax", "--variants", wrong] + plugins)
            #expect(program.status == 2 && program.errors.contains("mine:simple"), "\(program.errors)")
            #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        }
    }

    @Test func aKernelDeclinesBiasAndResidualByTheirPointers() throws {
        let folder = try Folder()
        let path = try folder.plugin(
            "matmul", "plain", replacing: "static const mg_kernel simple = {.run = run};",
            by: """
                static const char *refuses(const void *arguments) {
                    const mg_matmul *p = arguments;
                    if (!p->a || !p->b || !p->c) return "an operand is missing";
                    return p->bias ? "no bias" : p->residual ? "no residual" : NULL;
                }
                static const mg_kernel simple = {.refuses = refuses, .run = run};
                """)
        let (program, run) = try measure([path], suite: "matmul", sweep: "m=3,n=17,k=9", in: folder)
        #expect(program.status == 0, "\(program.errors)")
        #expect(run.measurements.contains { $0.variant == "plain:simple" && $0.verdict == .verified })
        let verified = try Program.run(["verify", "--seed", "7", "--plugin", path])
        #expect(verified.status == 0 && verified.output.contains("plain:simple"), "\(verified.errors)")
    }

    @Test func theReasonStandsInTheTableWhereAKernelDeclines() throws {
        let folder = try Folder()
        let path = try folder.plugin(
            "norm", "bare", replacing: "static const mg_kernel simple = {.run = run};",
            by: """
                static const char *refuses(const void *arguments) {
                    const mg_norm *p = arguments;
                    return p->residual ? "no residual" : NULL;
                }
                static const mg_kernel simple = {.refuses = refuses, .run = run};
                """)
        let json = folder.url.appendingPathComponent("declined.json")
        let program = try Program.run([
            "run", "--suite", "norm", "--problem", "+residual", "--sweep", "rows=4,columns=16", "--variants",
            "reference", "--time-box", "0.01", "--threads", "1", "--counters", "none", "--output", folder.url.path,
            "--json", json.path, "--allow-debug", "--plugin", path,
        ])
        #expect(program.status == 0, "\(program.errors)")
        let row = try #require(try RecordStore.load(json).measurements.first { $0.variant == "bare:simple" })
        #expect(row.verdict == .skipped(reason: "no residual") && row.samples.isEmpty)
        #expect(program.output.contains("no residual"), "\(program.output)")
    }

    @Test func everyRowOfAPluginHasItsDigestAndEqualNamesAreToldApart() throws {
        let folder = try Folder()
        let base = try folder.plugin("softmax", "mine")
        try #require(try folder.run("mkdir base head && cp \(base) base/ && rm -r mine") == 0, "\(folder.log)")
        let head = try folder.plugin("softmax", "mine", replacing: "sums in double", by: "sums in double, again")
        try #require(try folder.run("cp \(head) head/ && sha256sum */libmine.so > sums") == 0, "\(folder.log)")
        let sums = try String(contentsOf: folder.url.appendingPathComponent("sums"), encoding: .utf8)
        let paths = ["base", "head"].map { folder.url.appendingPathComponent("\($0)/libmine.so").path }
        let (program, run) = try measure(paths, in: folder)
        #expect(program.status == 0, "\(program.errors)")
        let rows = run.measurements.filter { $0.kind == .plugin }
        #expect(rows.count == 2 && Set(rows.map(\.variant)).count == 2)
        for path in paths {
            let record = try #require(rows.compactMap(\.plugin).first { $0.path == path })
            let side = path.contains("/base/") ? "base" : "head"
            #expect(sums.contains("\(record.sha256)  \(side)/libmine.so"))
            #expect(rows.contains { $0.variant == "mine@\(record.sha256.prefix(8)):simple" })
        }
        #expect(run.measurements.first { $0.variant == "reference" }?.plugin == nil)
        let twice = try Program.run(["run", "--suite", "softmax", "--plugin", paths[0], "--plugin", paths[0]])
        #expect(twice.status == 2 && twice.errors.contains("it is the same as"), "\(twice.errors)")
    }

    /// A page that cannot be touched follows what is verified, and none what is timed.
    @Test func whatIsTimedLiesOnOrdinaryMemory() throws {
        let folder = try Folder()
        let path = try folder.plugin(
            "softmax", "behind", replacing: Self.rows,
            by: """
                \(Self.rows)
                    /* Only at the shape that is timed, which no edge case has. */
                    if (problem->rows == 4 && problem->columns == 16) (void)((volatile float *)problem->out)[64 + 256];
                """)
        let (program, run) = try measure([path], in: folder)
        #expect(program.status == 0, "\(program.errors)")
        #expect(run.measurements.contains { $0.variant == "behind:simple" && $0.verdict == .verified })
    }

    @Test func whatABrokenKernelDoesIsToldAndTheOthersAreMeasured() throws {
        let folder = try Folder()
        func broken(_ name: String, _ line: String) throws -> String {
            try folder.plugin("softmax", name, replacing: Self.rows, by: "\(Self.rows)\n    \(line)")
        }
        let plugins = try [
            folder.plugin("softmax", "right"),
            folder.plugin("softmax", "wrong", replacing: "problem->scale)", by: "problem->scale * 1.001)"),
            broken("crashing", "if (problem->columns == 7) *(volatile int *)8 = 1;"),
            broken("behind", "problem->out[problem->rows * problem->columns] = 0;"),
            broken("before", "if (problem->columns == 65) problem->out[-1] = 0;"),
            broken("inputs", "if (problem->rows && problem->columns) ((float *)problem->x)[0] = 0;"),
            broken("leaving", "extern void _Exit(int); _Exit(5);"),
            broken("shared", "if (work->count == 3 && work->index == 2) to = from;"),
        ]
        let (program, run) = try measure(plugins, in: folder)
        #expect(program.status == 3, "\(program.errors)")
        for name in ["reference", "right:simple"] {
            let row = try #require(run.measurements.first { $0.variant == name })
            #expect(row.verdict == .verified && row.statistic != nil, "\(name)")
        }
        for (name, words) in [
            ("wrong", ["output", "reference", "at 3×", "ordinary inputs, 1 worker"]),
            ("crashing", ["crashed (SIGSEGV) at 3×7 f32, ordinary inputs, 1 worker"]),
            ("behind", ["crashed (SIGSEGV, 0 bytes behind the end of out) at 3×0 f32, ordinary inputs, 1 worker"]),
            ("before", ["it wrote up to 4 bytes before the beginning of out at 3×65 f32"]),
            ("inputs", ["crashed (SIGSEGV, writing into the constant x) at 3×1 f32"]),
            ("leaving", ["ended its process with exit code 5 at 3×0 f32"]),
            ("shared", ["was never written", "3 workers"]),
        ] {
            let row = try #require(run.measurements.first { $0.variant == "\(name):simple" })
            #expect(row.verdict.status == "failed" && row.samples.isEmpty && row.statistic == nil, "\(name)")
            for word in words { #expect(row.verdict.reason?.contains(word) == true, "\(name): \(row.verdict)") }
            #expect(program.errors.contains("\(name):simple"))
        }
    }

    @Test func verifyHoldsAPluginAgainstTheReference() throws {
        let folder = try Folder()
        let plugins = try [
            folder.plugin("softmax", "right"),
            folder.plugin(
                "softmax", "crashing", replacing: Self.rows,
                by: "\(Self.rows)\n    if (problem->columns == 7) *(volatile int *)8 = 1;"),
            folder.plugin(
                "softmax", "uneven", replacing: "problem->scale)",
                by: "problem->scale * (work->count == 2 ? 1 + 0x1p-24 : 1))"),
        ].flatMap { ["--plugin", $0] }
        let program = try Program.run(["verify", "--seed", "7", "--quick"] + plugins)
        #expect(program.status == 3, "\(program.errors)")
        #expect(program.output.contains("1 family, 3 variants"), "\(program.output)")
        #expect(!program.errors.contains("right:simple"), "\(program.errors)")
        // A kernel that crashed has no error that could be set beside its bound: wrong of all is told.
        func line(_ name: String) -> String {
            program.output.split(separator: "\n").first { $0.contains("softmax/\(name):simple") }.map(String.init) ?? ""
        }
        #expect(line("right").contains(" cases") && !line("right").contains("wrong"), "\(program.output)")
        for name in ["crashing", "uneven"] {
            #expect(line(name).contains(/wrong [1-9]\d* of \d+/), "\(program.output)")
        }
        #expect(program.errors.contains("softmax/crashing:simple at 3×7 f32"), "\(program.errors)")
        #expect(program.errors.contains("seed 7: crashed (SIGSEGV), 1 worker"), "\(program.errors)")
        #expect(
            program.errors.contains("the bits differ from those with one worker, 2 workers"), "\(program.errors)")
        let alone = try Program.run(["verify", "--seed", "7"] + plugins.prefix(2))
        #expect(alone.status == 0, "\(alone.errors)")
    }

    @Test func verifyRefusesWhatDoesNotFitAPlugin() throws {
        let folder = try Folder()
        let right = try folder.plugin("norm", "right")
        for (arguments, word) in [
            (["--plugin-host", "qemu-aarch64 host"], "need --plugin"), (["--own-bounds"], "need --plugin"),
            (["--plugin", right, "--family", "norm"], "no --family"),
            (["--plugin", right, "--plugin-host", "no-such-emulator host"], "there is no program no-such-emulator"),
            (["--plugin", right, "--plugin-host", "true"], "cannot be loaded"),
        ] {
            let program = try Program.run(["verify"] + arguments)
            #expect(program.status == 2 && program.output.isEmpty, "\(program.errors)")
            #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
            #expect(program.errors.contains(word), "\(program.errors)")
        }
    }

    @Test func aPluginIsExplainedAmongOurs() throws {
        let folder = try Folder()
        let mine = try folder.plugin("softmax", "mine")
        let program = try Program.run([
            "explain", "softmax/mine:simple", "--plugin", mine, "--problem", "one small head", "--counters", "none",
            "--quick", "--time-box", "0.005", "--allow-debug",
        ])
        #expect(program.status == 0, "\(program.errors)")
        for word in ["softmax/mine:simple · 64×64", "a process of its own", "faster", "verdict"] {
            #expect(program.output.contains(word), "\(word)\n\(program.output)")
        }
        for (arguments, word) in [
            (["norm/lanes", "--plugin", mine], "its family is softmax"),
            (["softmax/yours:simple", "--plugin", mine], "mine:simple"),
            (["softmax/mine:simple", "--plugin", mine, "--temperature", "cold"], "never cold"),
            (["--fusion", "--plugin", mine], "mgbench's own"),
        ] {
            let program = try Program.run(["explain"] + arguments)
            #expect(program.status == 2 && program.errors.contains(word), "\(program.errors)")
        }
    }

    @Test func aKernelThatHangsIsEndedAtItsTimeLimit() throws {
        let folder = try Folder()
        let plugin = try folder.plugin(
            "softmax", "hanging", replacing: Self.rows,
            by: "\(Self.rows)\n    for (volatile int i = 0; problem->columns == 7; i = 0) (void)i;")
        let (program, run) = try measure([plugin], in: folder, environment: ["MGBENCH_PLUGIN_SECONDS": "3"])
        #expect(program.status == 3, "\(program.errors)")
        let row = try #require(run.measurements.first { $0.variant == "hanging:simple" })
        #expect(
            row.verdict.reason
                == "hung (no answer within 3 s) at 3×7 f32, ordinary inputs, 1 worker", "\(row.verdict)")
        #expect(run.measurements.contains { $0.variant == "reference" && $0.verdict == .verified })
    }

    @Test func whatIsNoPluginForTheSuiteIsWrongUsage() throws {
        let folder = try Folder()
        let other = try folder.plugin("softmax", "other", replacing: ".abi = MG_PLUGIN_ABI", by: ".abi = 99")
        let right = try folder.plugin("softmax", "right")
        try "int nothing;".write(to: folder.url.appendingPathComponent("none.c"), atomically: true, encoding: .utf8)
        #expect(try folder.run("clang -shared -fPIC -o none.so none.c && echo text > text.so") == 0, "\(folder.log)")
        for (suite, plugin, word) in [
            ("softmax", "nowhere.so", "there is no such file"),
            ("softmax", folder.url.appendingPathComponent("text.so").path, "cannot be loaded"),
            ("softmax", folder.url.appendingPathComponent("none.so").path, "it exports no function mgbench_plugin"),
            ("softmax", other, "version 99 of the interface, and this is version 4"),
            ("norm", right, "its family is softmax, and the suite's is norm"),
        ] {
            let program = try Program.run(["run", "--suite", suite, "--plugin", plugin, "--output", folder.url.path])
            #expect(program.status == 2, "\(program.errors)")
            #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
            #expect(program.errors.contains(word), "\(program.errors)")
        }
    }

    @Test func aBeginningThatThereIsNotIsWrongUsage() throws {
        let folder = try Folder()
        _ = try folder.plugin("norm", "there")
        for (family, name, word) in [
            ("fft", "mine", "attention, elementwise, ffn, matmul, norm, quantized_matmul, softmax"),
            ("norm", "My-Kernel", "small letters"), ("norm", "there", "already there"),
        ] {
            let program = try Program.run(["new-kernel", family, name, "--into", folder.url.path])
            #expect(program.status == 2 && program.output.isEmpty)
            #expect(program.errors.split(separator: "\n").count == 1)
            #expect(program.errors.contains(word), "\(program.errors)")
        }
    }

    /// The worked example of the README, line by line, in a folder of its own.
    @Test func theExampleOfTheReadmeWorks() throws {
        let text = try String(contentsOf: Program.checkout.appendingPathComponent("README.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "## Bring your own kernel\n").dropFirst().first)
        let block = try #require(section.components(separatedBy: "```bash\n").dropFirst().first)
            .components(separatedBy: "```")[0]
        let commands = block.split(separator: "\n").map(String.init)
        #expect(commands.count == 3)
        let folder = try Folder()
        for command in commands {
            var line = command.replacingOccurrences(of: "scripts/mgbench", with: "'\(Program.executable.path)'")
            // Cut short, as every command of the README that measures.
            if line.contains(" run ") {
                line += " --variants reference --sweep rows=4,columns=16 --time-box 0.01 --counters none --allow-debug"
            }
            #expect(try folder.run(line) == 0, "\(command): \(folder.log)")
        }
        #expect(folder.log.contains("mine:simple"), "\(folder.log)")
    }
}
