import Foundation
import TestSupport
import Testing
import Weights

/// The commands that run a language model, on a tiny one that the tests write.
@Suite struct ModelCommandTests {
    /// One line on standard error, exit code 2, and a word that the line must hold.
    private func expectRefusal(_ arguments: [String], _ word: String) throws {
        let program = try Program.run(arguments)
        #expect(program.status == 2, "\(arguments.dropFirst()): \(program.output)")
        #expect(program.output.isEmpty, "\(program.output)")
        let lines = program.errors.split(separator: "\n")
        #expect(lines.count == 1 && program.errors.contains(word), "\(program.errors)")
    }

    private static let changes: [(String, TinyModel, String)] = [
        ("another architecture", TinyModel(changes: ["general.architecture": .string("mamba")]), "llama and gpt2"),
        ("no architecture", TinyModel(changes: ["general.architecture": nil]), "general.architecture"),
        ("a missing tensor", TinyModel(missing: "blk.1.ffn_up.weight"), "blk.1.ffn_up.weight is missing"),
        ("a missing norm", TinyModel(missing: "output_norm.weight"), "output_norm.weight is missing"),
        ("a wrong shape", TinyModel(misshaped: "blk.0.attn_k.weight"), "[32, 64] is expected"),
        ("heads that do not fit", TinyModel(changes: ["llama.attention.head_count": .uint32(0)]), "head_count"),
        ("a layer that nothing reads", TinyModel(changes: ["llama.block_count": .uint32(1)]), "blk.1."),
        (
            "an epsilon that is no number",
            TinyModel(changes: ["llama.attention.layer_norm_rms_epsilon": .float32(.nan)]), "epsilon is nan"
        ),
        ("a base of 0", TinyModel(changes: ["llama.rope.freq_base": .float32(0)]), "base 0.0"),
        ("no tokenizer", TinyModel(changes: ["tokenizer.ggml.model": nil]), "tokenizer.ggml.model"),
        ("another tokenizer", TinyModel(changes: ["tokenizer.ggml.model": .string("rwkv")]), "gpt2"),
        (
            "an end that is no token",
            TinyModel(changes: ["tokenizer.ggml.eos_token_id": .uint32(4_294_967_295)]), "eos_token_id is 4294967295"
        ),
    ]

    @Test(arguments: changes.indices)
    func badModelsAreOneLine(_ index: Int) throws {
        let (_, model, word) = Self.changes[index]
        let folder = try ModelFolder()
        let path = try folder.model("tiny.gguf", model)
        try expectRefusal(["generate", "-m", path, "-p", "he", "-n", "2"], word)
        try expectRefusal(["chat", "-m", path], word)
    }

    @Test func badInputIsOneLine() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        try Data([0x68, 0x65, 0xff, 0x68]).write(to: URL(fileURLWithPath: folder.path("broken.txt")))
        try "short".write(toFile: folder.path("short.txt"), atomically: true, encoding: .utf8)
        try Data("GGUF".utf8).write(to: URL(fileURLWithPath: folder.path("cut.gguf")))
        for (arguments, word) in [
            (["generate", "-m", "nosuch", "-p", "he"], "smollm2-135m"),
            (["generate", "-m", folder.path("cut.gguf"), "-p", "he"], "cut.gguf"),
            (["generate", "-m", path, "-p", ""], "empty"), (["generate", "-m", path], "--prompt"),
            (["generate", "-m", path, "--ids", "1,x"], "--ids"), (["generate", "-m", path, "--ids", "1,,2"], "--ids"),
            (["generate", "-m", path, "--ids", "1", "-p", "he"], "one of them"),
            (["generate", "-m", path, "-p", "he", "--page", "257"], "1 to 256"),
            (["generate", "-m", path, "-p", "he", "--logit-bias", "5=inf"], "the bias of token 5"),
            (["generate", "-m", path, "-p", "he", "--logit-bias", "260=1"], "260"),
            (["bench", "-m", path, "-p", "64", "--context", "10"], "the context has 10"),
            (["bench", "-m", path, "--profile", "-o", "json"], "one of them"),
            (["model", "sizes", "--tokens", "9000000000000000000"], "--tokens"),
            (["model", "trace", "-m", path, "--ids", "1,abc,3"], "abc"),
            (["model", "logits", "-m", path, "--ids", "1", "-o", "/dev/full"], "/dev/full"),
            (["quantize", path, "--type", "q8_0", "/dev/null"], "/dev/null"),
            (["tokenizer", "encode", "-t", folder.url.path, "he"], "holds no tokenizer.json"),
            (
                [
                    "tokenizer", "train", "--kind", "unigram", "--vocab", "9000000000000000000", "--data", path, "-o",
                    "x",
                ],
                "--vocab"
            ), (["generate", "-m", path, "--ids", "9999"], "9999"),
            (["generate", "-m", path, "-p", "he", "--context", "257"], "256"),
            (["generate", "-m", path, "-p", "he", "--context", "0"], "context"),
            (["generate", "-m", path, "-p", String(repeating: "x", count: 300)], "room for 256"),
            (["generate", "-m", path, "-p", "he", "-n", "0"], "--max-tokens"),
            (["generate", "-m", path, "-p", "he", "--temp=-1"], "temperature"),
            (["generate", "-m", path, "-p", "he", "--top-p", "2"], "top-p"),
            (["generate", "-m", path, "-p", "he", "--logit-bias", "3"], "--logit-bias"),
            (["generate", "-m", path, "-p", "he", "--kv", "f64"], "f32, bf16, q8"),
            (["generate", "-m", path, "-p", "he", "--window", "0"], "window"),
            (["generate", "-m", path, "-p", "he", "--threads", "0"], "--threads"),
            (["generate", "-m", path, "-p", "he", "--beams", "0"], "1 to 256"),
            (["generate", "-m", path, "-p", "he", "--beams", "2", "--temp", "1"], "temperature"),
            (["generate", "-m", path, "-p", "he", "--beams", "2", "--window", "8"], "window"),
            (["perplexity", "-m", path, "-f", folder.path("none.txt")], "none.txt"),
            (["perplexity", "-m", path, "-f", folder.path("broken.txt")], "UTF-8 at byte 2"),
            (["perplexity", "-m", path, "-f", folder.path("short.txt")], "tokens"),
            (["bench", "-m", path, "-p", "0", "-n", "0"], "positive"),
            (["bench", "-m", path, "-p", "300"], "256"), (["bench", "-m", path, "-o", "xml"], "csv"),
            (["model", "trace", "-m", path], "--prompt"), (["model", "trace", "-m", path, "--ids", "1,999"], "999"),
            (["model", "info", "-m", folder.path("none.gguf")], "none.gguf"),
            (["quantize", path, "--type", "q3_x", folder.path("out.gguf")], "q4_1"),
            (["quantize", path, "--type", "q8_0", path], "is the input"),
            (["run", "--suite", "decode", "--weights", folder.path("none.gguf")], "none.gguf"),
            (["run", "--suite", "prefill", "--weights", path], "256"),
            (["load", "--in", folder.path("none")], "none"),
            (["load", "--in", folder.url.path, "--min-step", "5"], "filters"),
            (["list", "models", "--in", folder.url.path, "--max-loss", "1"], "filters"),
        ] { try expectRefusal(arguments, word) }
    }

    @Test func aModelThatIsNotPulledSaysWhatPullsIt() throws {
        let folder = try ModelFolder()
        for arguments in [["run", "--suite", "decode"], ["generate", "-m", "smollm2-135m", "-p", "x"]] {
            let program = try Program.run(arguments, environment: ["MGBENCH_CACHE": folder.url.path])
            #expect(program.status == 2 && program.errors.contains("mgbench models pull smollm2-135m"))
        }
    }

    @Test func argumentsThatAreNoTextAreRefused() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        // Only a shell can pass what Swift's strings cannot hold.
        let program = try Program.shell("\"$0\" generate -m \(path) -p \"$(printf 'a\\377')\"")
        #expect(program.status == 2 && program.errors.contains("UTF-8 at byte 1"), "\(program.errors)")
    }

    @Test func seedsRepeatBitExactlyAtEveryTeamSize() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        var texts: Set<String> = []
        for seed in ["1", "2"] {
            var same: Set<String> = []
            for threads in ["1", "1", "2"] {
                let program = try Program.run([
                    "generate", "-m", path, "-p", "hello", "-n", "24", "--temp", "1", "--top-k", "50", "--seed", seed,
                    "--threads", threads, "--json",
                ])
                #expect(program.status == 0, "\(program.errors)")
                let json = try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [String: Any]
                let report = json?["report"] as? [String: Any]
                let tokens = report?["tokens"] as? [Int] ?? []
                #expect(!tokens.isEmpty)
                same.insert("\(tokens)")
            }
            #expect(same.count == 1)
            texts.formUnion(same)
        }
        #expect(texts.count == 2)
    }

    @Test func oneBeamIsGreedyAndTextsStopWhereTheyShould() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        func tokens(_ arguments: [String]) throws -> [Int] {
            let program = try Program.run(["generate", "-m", path, "-p", "hello", "-n", "20", "--json"] + arguments)
            #expect(program.status == 0, "\(program.errors)")
            let json = try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [String: Any]
            return (json?["report"] as? [String: Any])?["tokens"] as? [Int] ?? []
        }
        let greedy = try tokens([])
        #expect(try tokens(["--beams", "1"]) == greedy)
        #expect(try tokens(["--beams", "3", "--length-penalty", "0.5"]).count <= 20)
        // A bias that no logit reaches bans a token, or makes it the only one.
        #expect(try !tokens(["--logit-bias", "\(greedy[0])=-1000"]).contains(greedy[0]))
        #expect(try Set(tokens(["--logit-bias", "97=1000"])) == [97])
        // It would write the same letter for ever.
        let stopped = try Program.run(
            ["generate", "-m", path, "-p", "x", "-n", "20", "--logit-bias", "97=1000", "--stop", "aaa"])
        #expect(stopped.output == "x\n", "\(stopped.output)")
    }

    @Test func anUntrainedModelIsRefusedUnlessItIsAllowed() throws {
        let folder = try ModelFolder()
        let plain = try folder.model("plain.gguf", TinyModel(untrained: true))
        let said = try folder.model("said.gguf", TinyModel(changes: ["training.step": .uint32(0)]))
        for path in [plain, said] {
            try expectRefusal(["generate", "-m", path, "-p", "he", "-n", "2"], "--allow-untrained")
            try expectRefusal(["chat", "-m", path], "--allow-untrained")
            let allowed = try Program.run(["generate", "-m", path, "-p", "he", "-n", "2", "--allow-untrained"])
            #expect(allowed.status == 0 && allowed.output.hasPrefix("he"), "\(allowed.errors)")
        }
        // Its figures are true all the same.
        #expect(try Program.run(["model", "info", "-m", plain]).status == 0)
    }

    @Test func modelsAreFoundByFilters() throws {
        let folder = try ModelFolder()
        for (name, step, loss) in [("early", 100, 3.0), ("middle", 400, 1.5), ("late", 900, 1.75)] {
            _ = try folder.model(
                "\(name).gguf",
                TinyModel(changes: ["training.step": .uint32(step), "training.loss": .float32(loss)]))
        }
        _ = try folder.model("foreign.gguf")
        try Data("no model".utf8).write(to: URL(fileURLWithPath: folder.path("text.gguf")))
        let cache = ["MGBENCH_CACHE": folder.path("empty")]
        func names(_ filters: [String]) throws -> [String] {
            let program = try Program.run(
                ["list", "models", "--in", folder.url.path] + filters + ["--json"], environment: cache)
            #expect(program.status == 0, "\(program.errors)")
            let rows = try JSONSerialization.jsonObject(with: Data(program.output.utf8)) as? [[String: Any]] ?? []
            return rows.compactMap { $0["name"] as? String }
        }
        #expect(try names([]) == ["early", "foreign", "late", "middle"])
        #expect(try names(["--best"]) == ["middle"])
        #expect(try names(["--latest"]) == ["late"])
        #expect(try names(["--name-pattern", "*a*e*"]) == ["late"])
        #expect(try names(["--max-loss", "2"]) == ["late", "middle"])
        #expect(try names(["--min-step", "400"]) == ["late", "middle"])
        let info = try Program.run(["load", "--in", folder.url.path, "--best"], environment: cache)
        #expect(info.status == 0 && info.output.contains("step 400, loss 1.5000"), "\(info.output)\(info.errors)")
        let text = try Program.run(
            ["load", "--in", folder.url.path, "--latest", "-p", "hello", "--", "-n", "3"], environment: cache)
        #expect(text.status == 0 && text.output.hasPrefix("hello"), "\(text.errors)")
        let several = try Program.run(["load", "--in", folder.url.path, "-p", "x"], environment: cache)
        #expect(several.status == 2 && several.errors.contains("4 models pass"))
        // The suites are where they were.
        let suites = try Program.run(["list"])
        #expect(suites.status == 0 && suites.output.contains("tokenizer:") && suites.output.contains("decode:"))
        #expect(try Program.run(["list", "suites", "--json"]).output == Program.run(["list", "--json"]).output)
    }

    @Test func figuresOfAModelAnswer() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        let text = (0..<40).map { "the line \($0) of a text\n" }.joined()
        try text.write(toFile: folder.path("text"), atomically: true, encoding: .utf8)
        let perplexity = try Program.run([
            "perplexity", "-m", path, "-f", folder.path("text"), "--length", "64", "--json",
        ])
        let json = try JSONSerialization.jsonObject(with: Data(perplexity.output.utf8)) as? [String: Any]
        // Random weights know nothing of 260 tokens.
        let value = try #require(json?["perplexity"] as? Double)
        #expect(value > 100 && value < 1000, "\(value)")
        let bench = try Program.run(["bench", "-m", path, "-p", "16", "-n", "8", "-r", "2", "-o", "json"])
        let rows = try JSONSerialization.jsonObject(with: Data(bench.output.utf8)) as? [[String: Any]] ?? []
        #expect(rows.count == 2 && rows.allSatisfy { ($0["avg_ts"] as? Double ?? 0) > 0 }, "\(bench.errors)")
        let info = try Program.run(["model", "info", "-m", path])
        #expect(info.output.contains("vocabulary       260 tokens"), "\(info.errors)")
        let trace = try Program.run(["model", "trace", "-m", path, "-p", "he"])
        #expect(trace.output.contains("blk.1.ffn_norm") || trace.output.contains("output_norm"), "\(trace.output)")
        let quantized = try Program.run(["quantize", path, "--type", "q8_0", folder.path("q8.gguf")])
        #expect(quantized.status == 0, "\(quantized.errors)")
        let same = try Program.run(["generate", "-m", folder.path("q8.gguf"), "-p", "he", "-n", "4"])
        #expect(same.status == 0 && same.output.hasPrefix("he"), "\(same.errors)")
    }

    @Test func whatCannotBeWrittenIsAFailureAndAPipeStaysOne() throws {
        let folder = try ModelFolder()
        let path = try folder.model()
        let full = try Program.shell("\"$0\" generate -m '\(path)' -p he -n 2 > /dev/full")
        #expect(full.status == 2 && full.errors.split(separator: "\n").count == 1, "\(full.errors)")
        let file = try Program.run(["model", "logits", "-m", path, "--ids", "1", "-o", folder.path("logits")])
        #expect(file.status == 0, "\(file.errors)")
        let pipe = folder.path("pipe")
        let piped = try Program.shell(
            """
            mkfifo '\(pipe)' && cat '\(pipe)' > '\(folder.path("read"))' &
            until [ -p '\(pipe)' ]; do sleep 0.01; done
            "$0" model logits -m '\(path)' --ids 1 -o '\(pipe)' && wait && [ -p '\(pipe)' ]
            """)
        #expect(piped.status == 0, "\(piped.errors)")
        let read = try Data(contentsOf: URL(fileURLWithPath: folder.path("read")))
        #expect(try read == Data(contentsOf: URL(fileURLWithPath: folder.path("logits"))) && !read.isEmpty)
    }

    @Test func suitesOfAModelVerifyAndMeasure() throws {
        let folder = try ModelFolder()
        let path = folder.path("q8.gguf")
        #expect(try Program.run(["quantize", try folder.model(), "--type", "q8_0", path]).status == 0)
        for (suite, sizes) in [("decode", "tokens=12,context=20"), ("prefill", "tokens=40,context=0")] {
            let program = try Program.run([
                "run", "--suite", suite, "--weights", path, "--sweep", sizes, "--quick", "--threads", "2", "--counters",
                "none", "--time-box", "0.02", "--output", folder.url.path, "--format", "csv",
            ])
            #expect(program.status == 0, "\(program.errors)")
            for name in ["selection", "int8", "fused"] where CPUName.hasVariants {
                #expect(program.output.contains(name), "\(program.output)")
            }
        }
    }

    private enum CPUName {
        #if arch(x86_64) || arch(arm64)
            static let hasVariants = true
        #else
            static let hasVariants = false
        #endif
    }
}
