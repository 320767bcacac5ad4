internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Interchange
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Programs
internal import Records
internal import Reports
internal import Sessions
internal import Tensors

/// `mgbench bench`: how fast a language model reads and writes.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Tokens a second of a language model: reading a prompt, and writing, apart.")

    @OptionGroup var options: ModelOptions

    @Option(name: [.customShort("p"), .customLong("n-prompt")], help: "Tokens of the prompt; 0: do not measure.")
    var prompt = 512

    @Option(name: [.customShort("n"), .customLong("n-gen")], help: "Tokens to write; 0: do not measure.")
    var generate = 128

    @Option(name: [.customShort("d"), .customLong("n-depth")], help: "Tokens that texts of --batch have read before.")
    var depth = 0

    @Option(help: "Texts that are written together, as 1,8: all of them in turns, and how much more that gives.")
    var batch: String?

    @Option(name: [.short, .long], help: "Repetitions after one that is not counted.")
    var repetitions = 5

    @Option(name: [.short, .long], help: "llama-bench's rows instead of a table: `md`, `csv` or `json`.")
    var output: String?

    @Flag(help: "Where the time goes, by kind of step.")
    var profile = false

    /// What was repeated: tokens that a call reads at once, or writes one by one.
    private struct Test {
        var read: Int
        var written: Int
        var series = Repetitions.Series()
    }

    func run() throws {
        guard prompt >= 0, generate >= 0, max(prompt, generate) > 0 else {
            throw Outcome.usage("-p \(prompt) -n \(generate): at least one of the two has to be positive")
        }
        if profile, let output {
            throw Outcome.usage("--profile and --output \(output): one of them would be accepted")
        }
        guard (1...10_000).contains(repetitions) else {
            throw Outcome.usage("--repetitions \(repetitions): 1 to 10000 are accepted")
        }
        let format = output.flatMap(LlamaBenchFormat.init)
        if let output, format == nil {
            throw Outcome.usage("--output \(output): md, csv or json is expected")
        }
        let batches = try batchSizes()
        var options = options
        options.context = options.context ?? max(prompt, depth + generate, 2)
        let began = MonotonicClock.now
        let weights = try options.weights()
        let room = min(options.context ?? .max, weights.configuration.context)
        guard max(prompt, depth + generate) <= room else {
            throw Outcome.usage("\(max(prompt, depth + generate)) tokens; the context has \(room)")
        }
        let team = try options.team()
        if let most = batches.max() {
            let model = try options.load(weights, team: team, sequences: most + 1)
            try BatchBench(model: model, tokens: tokens(depth + generate, model), depth: depth)
                .printTable(batches, repetitions: repetitions)
            return
        }
        let model = try options.load(weights, team: team)
        let loading = Double(MonotonicClock.now - began)
        let tests = try measure(model)
        if let format {
            let setting = setting(model)
            let rows = tests.map {
                LlamaBenchRow(
                    setting, prompt: $0.read, generated: $0.written, nanoseconds: $0.series.nanoseconds, at: Date())
            }
            Console.write(try format.text(rows))
        } else {
            printTable(tests, loading: loading, model)
        }
        if profile { try printProfile(model) }
    }

    /// The numbers of `--batch`.
    private func batchSizes() throws -> [Int] {
        guard let batch else { return [] }
        let sizes = batch.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        guard sizes.allSatisfy({ (1...256).contains($0) }), generate > 0, output == nil, !profile, depth >= 0 else {
            throw Outcome.usage(
                "--batch \(batch): numbers from 1 to 256 with commas are expected, with -n and without --output and --profile"
            )
        }
        return sizes
    }

    private func printProfile(_ model: LanguageModel) throws {
        for (title, count, each) in [("read", prompt, min(prompt, options.chunk)), ("write", generate, 1)]
        where count > 0 {
            var times: [String: UInt64] = [:]
            model.reset()
            let text = tokens(count, model)
            for start in stride(from: 0, to: count, by: max(each, 1)) {
                try model.profile(
                    Array(text[start..<min(start + each, count)]), isGenerated: title == "write", into: &times)
            }
            let total = Double(times.values.reduce(0, +))
            print("  \(title): microseconds a token, by the first worker's clock, its waiting with it")
            for (kind, time) in times.sorted(by: { $0.value > $1.value }) {
                print(
                    "    \(kind.padded(24)) \(format(Double(time) / 1000 / Double(count)))"
                        + "  \(format(100 * Double(time) / total)) %")
            }
        }
    }

    private func tokens(_ count: Int, _ model: LanguageModel) -> [Int32] {
        var source = RandomSource(seed: 1)
        return (0..<count).map { _ in Int32(source.uniform() * Double(model.configuration.vocabulary)) }
    }

    /// Reads and writes in turns.
    private func measure(_ model: LanguageModel) throws -> [Test] {
        var tests: [Test] = []
        if prompt > 0 { tests.append(Test(read: prompt, written: 0)) }
        if generate > 0 { tests.append(Test(read: 0, written: generate)) }
        let works = tests.map { test in
            let text = tokens(test.read + test.written, model)
            return Repetitions.Work(prepare: { model.reset() }) {
                if test.read > 0 { model.read(text) } else { for token in text { model.read(token) } }
            }
        }
        for (index, series) in try Repetitions.measure(works, count: repetitions).enumerated() {
            tests[index].series = series
        }
        return tests
    }

    private func setting(_ model: LanguageModel) -> LlamaBenchRow.Setting {
        LlamaBenchRow.Setting(
            version: ProgramVersion.number, cpu: CPU.brand, batch: options.chunk, file: model.weights.path,
            model: model.weights.name, bytes: FileSize.of(model.weights.path),
            parameters: model.weights.parameterCount, threads: model.team.workers, cache: options.kv)
    }

    private func printTable(_ tests: [Test], loading: Double, _ model: LanguageModel) {
        print("\(model.weights.name) · \(model.team.workers) threads · keys and values \(options.kv)")
        for test in tests {
            guard let statistic = test.series.statistic else { continue }
            let count = Double(test.read + test.written)
            let what = test.read > 0 ? "read \(test.read) tokens" : "write \(test.written) tokens"
            let (low, high) = (count * 1e9 / statistic.high, count * 1e9 / statistic.low)
            var line = "  \(what.padded(20))\(format(count * 1e9 / statistic.median)) tokens/s "
            line += "[\(format(low)), \(format(high))]  "
            if test.read > 0 { line += "first token after \(format(statistic.median / 1e6)) ms" }
            if test.series.interrupted > 0 {
                line += "  \(test.series.interrupted) of \(statistic.count) interrupted by other tasks"
            }
            print(line)
        }
        print("  load                \(format(loading / 1e6)) ms")
        print(
            "  memory              packed weights \(model.weights.packedBytes) bytes, cache \(model.pool.bytes) bytes")
        if let memory = ProcessMemory.now {
            print("  resident            \(memory.resident) bytes, at most \(memory.most)")
        }
    }

    private func format(_ value: Double) -> String { Format.fixed(value, decimals: value < 100 ? 1 : 0) }
}
