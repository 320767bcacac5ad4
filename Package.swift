// swift-tools-version: 6.2
import PackageDescription

// The house, one room a line. Arrows go upward only: a room uses rooms listed above it.
// Kernels know nothing of time; the harness knows nothing of kernels; entrants introduce them;
// records remember; reports only read.

// A warning in a file of this package is an error, in the one build that program, tests and checks share; packages from
// elsewhere are compiled without warnings. A later compiler may warn of more: that is for whoever raises the number here.
#if compiler(<6.4)
    let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]
    let cSettings: [CSetting] = [.enableWarning("all"), .treatAllWarnings(as: .error)]
#else
    let strict: [SwiftSetting] = []
    let cSettings: [CSetting] = []
#endif

let settings: [SwiftSetting] =
    strict + [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]

/// - Parameter safe: the room has no pointer; the compiler holds it to that.
func room(
    _ name: String, path: String? = nil, uses: [Target.Dependency] = [], exclude: [String] = [],
    resources: [Resource]? = nil, safe: Bool = false
) -> Target {
    .target(
        name: name, dependencies: uses, path: path ?? "Sources/\(name)", exclude: exclude, resources: resources,
        swiftSettings: settings + (safe ? [.strictMemorySafety()] : []))
}

func tests(_ name: String, uses: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: uses, path: "Tests/\(name)", resources: resources, swiftSettings: settings)
}

/// A library of the system, reached through a module map and a shim for what Swift cannot import.
/// Each sits behind a package trait, so that a machine without it still builds.
func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let papi: Target.Dependency = .target(name: "CPAPI", condition: .when(traits: ["PAPI"]))
let hwloc: Target.Dependency = .target(name: "CHwloc", condition: .when(traits: ["HWLOC"]))
let blas: Target.Dependency = .target(name: "COpenBLAS", condition: .when(traits: ["BLAS"]))

let package = Package(
    name: "mgbench",
    traits: [
        .trait(name: "PAPI", description: "Hardware counters through PAPI (libpapi-dev)."),
        .trait(name: "HWLOC", description: "Topology and pinning through hwloc (libhwloc-dev)."),
        .trait(name: "BLAS", description: "The blas variants, through OpenBLAS (libopenblas-dev)."),
        .default(enabledTraits: ["PAPI", "HWLOC", "BLAS"]),
    ],
    dependencies: [
        // The command line: parsing, help and completion are not what mgbench is about, and this is the convention.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // SQLite (libsqlite3-dev) for the index of all runs: migrations, transactions, statements that are finalized and
        // errors that are thrown would be a wrapper of our own around its C functions, and that is not what mgbench is.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // The server of `mgbench web`: HTTP/1.1 with its limits, timeouts and streams is not what mgbench is about. Without
        // its readers of configuration files, which the build would compile and nothing uses.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.0.0", traits: []),
        // The pages: text is escaped unless a template says otherwise, and frames, tables and lists are partials and sections.
        // A template engine of our own would have to grow all that; this one is the server's sibling, plain Swift, and
        // brings no dependency of its own.
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // Hummingbird's own layers, already in its graph, named because the server sets their parts itself: time limits
        // of a connection (NIO), names of headers, where log lines go, and an orderly end.
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
    ],
    targets: [
        // What Swift cannot import from the three system libraries.
        library("CPAPI", pkgConfig: "papi", apt: "libpapi-dev"),
        library("CHwloc", pkgConfig: "hwloc", apt: "libhwloc-dev"),
        library("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev"),
        // Fences, time-stamp counter, CPUID, affinity, peak probes, the worker team.
        .target(name: "CMachine", path: "Sources/System/CMachine", cSettings: cSettings),
        // The compiled variants of every kernel family: one folder a family, one file a variant.
        .target(
            name: "CKernels", dependencies: ["CMachine"], path: "CKernels", publicHeadersPath: "include",
            cSettings: cSettings + [.headerSearchPath(".")]),
        // A process for kernels from outside: loads a plugin, guards its operands, calls it, and may crash in its place.
        .executableTarget(
            name: "mgbench-plugin-host", dependencies: ["CMachine"], path: "Sources/PluginHost",
            cSettings: cSettings + [.headerSearchPath("../../CKernels/include")]),
        // Numbers in memory: shape, dtype, owner, quantized block.
        room("Tensors"),
        // This computer: CPU features, caches, cores, pinning, clock, measured peaks.
        room("Machine", uses: ["CMachine", hwloc]),
        // Errors that are one line and an exit code.
        room("Refusals", safe: true),
        // Nouns: Sample, Statistic, VariantRecord, Run, and the store that keeps them.
        room("Records", uses: ["Refusals"], safe: true),
        // The families, their problems, their variants, their cost model.
        room("Kernels", uses: ["Tensors", "Machine", "CMachine", "CKernels", blas]),
        // Verbs: verify, warm up, sample, count, stop, observe.
        room(
            "Harness", uses: ["Refusals", "Machine", "Records", "CMachine", papi], resources: [.copy("Counters/Groups")]
        ),
        // Chat templates, which are programs in Jinja's language.
        room("Jinja", uses: ["Refusals"], safe: true),
        // Graph, plan, executable: a model's pass as data, laid out for a machine, and run.
        room("Programs", uses: ["Kernels", "Tensors", "Machine", "CMachine", "CKernels"]),
        // GGUF and SafeTensors, read, written and quantized; the cache of models.
        room("Weights", uses: ["Refusals", "Tensors"]),
        // Text in numbers and back: byte pairs, WordPiece, Unigram, words, characters.
        room("Tokenizers", uses: ["Refusals"]),
        // Language models: an architecture a file, its weights, and what it says.
        room("MiniGPT", uses: ["Jinja", "Programs", "Kernels", "Tensors", "Machine", "Tokenizers", "Weights"]),
        // What can enter a contest: a kernel, a library, a plugin, a model, a tokenizer. Where kernels and harness meet.
        room(
            "Entrants",
            uses: [
                "Refusals", "Kernels", "Harness", "Records", "Tensors", "Machine", "Weights", "Tokenizers", "MiniGPT",
            ]),
        // Which problems, with the places in models that they come from.
        room(
            "Suites", path: "Benchmarks",
            uses: ["Entrants", "Kernels", "Harness", "Records", "Tensors", "Machine", "Weights"],
            exclude: ["Baselines"]),
        // What mgbench does with them: run, compare, explain, tune, verify, count, test itself.
        room(
            "Sessions", uses: ["Refusals", "Suites", "Entrants", "Kernels", "Harness", "Records", "Tensors", "Machine"]),
        // Terminal tables, JSON, CSV, Markdown, HTML with charts.
        room(
            "Reports", uses: ["Refusals", "Records", .product(name: "Mustache", package: "swift-mustache")],
            resources: [.copy("Templates")], safe: true),
        // The index over all kept runs, the series in it, and where they step.
        room("History", uses: ["Refusals", "Records", .product(name: "GRDB", package: "GRDB.swift")], safe: true),
        // Other tools' files, read and written.
        room("Interchange", uses: ["Records"], safe: true),
        // The runs in a browser: pages, the API beside them, jobs. What it may start is injected as closures.
        room(
            "Web",
            uses: [
                "Records", "Reports", "History", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], resources: [.copy("Public")]),
        // The command line: parse, call one function, print.
        .executableTarget(
            name: "mgbench",
            dependencies: [
                "Refusals", "Tensors", "Machine", "Records", "Kernels", "Programs", "Harness", "Weights", "Tokenizers",
                "MiniGPT", "Entrants", "Suites", "Sessions", "Reports", "History", "Interchange", "Web",
                "mgbench-plugin-host",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        // Tests mirror the rooms. What several of them need: small models, made-up runs, numbers that repeat.
        room("TestSupport", path: "Tests/TestSupport", uses: ["Records", "Tensors", "Weights"]),
        tests("TensorsTests", uses: ["Tensors"]),
        tests("MachineTests", uses: ["Machine", "CMachine"]),
        tests("RecordsTests", uses: ["Records", "Refusals", "TestSupport"], resources: [.copy("Fixtures")]),
        tests("ProgramsTests", uses: ["Programs", "Kernels", "Tensors", "Machine"]),
        tests("KernelsTests", uses: ["Kernels", "Tensors", "Machine", "CKernels", "CMachine"]),
        tests("HarnessTests", uses: ["Harness", "Records", "Machine"]),
        tests("JinjaTests", uses: ["Jinja"], resources: [.copy("Fixtures")]),
        tests("WeightsTests", uses: ["Weights", "Tensors"], resources: [.copy("Fixtures")]),
        tests(
            "MiniGPTTests",
            uses: [
                "MiniGPT", "Programs", "Kernels", "Tensors", "Machine", "CMachine", "Tokenizers", "Weights",
                "TestSupport",
            ],
            resources: [.copy("Fixtures")]),
        tests("TokenizersTests", uses: ["Tokenizers"], resources: [.copy("Fixtures")]),
        tests("EntrantsTests", uses: ["Entrants", "Kernels", "Harness", "Records", "Machine", "Tokenizers"]),
        tests(
            "SessionsTests",
            uses: ["Sessions", "Suites", "Entrants", "Kernels", "Harness", "Records", "Tensors", "Machine"]),
        tests("ReportsTests", uses: ["Reports", "Records"]),
        tests(
            "HistoryTests", uses: ["History", "Records", "TestSupport", .product(name: "GRDB", package: "GRDB.swift")]),
        tests(
            "InterchangeTests", uses: ["Interchange", "Records", "Reports", "TestSupport"],
            resources: [.copy("Fixtures")]),
        tests(
            "WebTests",
            uses: [
                "Web", "Records", "Reports", "History", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "MgbenchTests",
            uses: ["mgbench", "Refusals", "Records", "Reports", "History", "Weights", "Tensors", "TestSupport"]),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c17
)
