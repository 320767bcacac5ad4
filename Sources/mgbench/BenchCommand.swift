internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Records
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

    @Option(name: [.short, .long], help: "Repetitions after one that is not counted.")
    var repetitions = 5

    @Option(name: [.short, .long], help: "llama-bench's rows instead of a table: `md`, `csv` or `json`.")
    var output: String?

    @Flag(help: "Where the time goes, by kind of step.")
    var profile = false

    /// A row as llama-bench names its columns.
    private struct Row: Encodable {
        var build_commit: String
        var build_number: Int
        var cpu_info: String
        var backends: String
        var n_batch, n_ubatch: Int
        var model_filename: String
        var model_type: String
        var model_size: Int
        var model_n_params: Int
        var n_threads: Int
        var type_k: String
        var type_v: String
        var n_prompt: Int
        var n_gen: Int
        var n_depth: Int
        var test_time: String
        var avg_ns: Double
        var stddev_ns: Double
        var avg_ts: Double
        var stddev_ts: Double
        var samples_ns: [Double]
        var samples_ts: [Double]
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
        if let output, !["md", "csv", "json"].contains(output) {
            throw Outcome.usage("--output \(output): md, csv or json is expected")
        }
        var options = options
        options.context = options.context ?? max(prompt, generate, 2)
        let began = MonotonicClock.now
        let weights = try options.weights()
        let room = min(options.context ?? .max, weights.configuration.context)
        guard max(prompt, generate) <= room else {
            throw Outcome.usage("\(max(prompt, generate)) tokens; the context has \(room)")
        }
        let team = try options.team()
        let model = try options.load(weights, team: team)
        let loading = Double(MonotonicClock.now - began)
        var rows: [Row] = []
        if prompt > 0 { rows.append(row(model, prompt: prompt, generate: 0, measure(model) { read(model) })) }
        if generate > 0 { rows.append(row(model, prompt: 0, generate: generate, measure(model) { write(model) })) }
        switch output {
        case "json": try Console.print(json: rows)
        case "csv": printCSV(rows)
        case "md": printMarkdown(rows)
        default: printTable(rows, loading: loading, model)
        }
        if profile { try printProfile(model) }
    }

    private func printProfile(_ model: LanguageModel) throws {
        for (title, count, each) in [("read", prompt, min(prompt, options.chunk)), ("write", generate, 1)]
        where count > 0 {
            var times: [String: UInt64] = [:]
            model.reset()
            let text = tokens(count, model)
            for start in stride(from: 0, to: count, by: max(each, 1)) {
                try model.profile(Array(text[start..<min(start + each, count)]), into: &times)
            }
            let total = Double(times.values.reduce(0, +))
            print("  \(title): microseconds a token, one step after another")
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

    private func read(_ model: LanguageModel) -> Double {
        let text = tokens(prompt, model)
        let start = MonotonicClock.now
        model.read(text)
        return Double(MonotonicClock.now - start)
    }

    private func write(_ model: LanguageModel) -> Double {
        let text = tokens(generate, model)
        let start = MonotonicClock.now
        for token in text { model.read(token) }
        return Double(MonotonicClock.now - start)
    }

    private func measure(_ model: LanguageModel, _ body: () -> Double) -> [Double] {
        var times: [Double] = []
        for repetition in 0...repetitions {
            model.reset()
            let time = body()
            if repetition > 0 { times.append(time) }
        }
        return times
    }

    private func row(_ model: LanguageModel, prompt: Int, generate: Int, _ times: [Double]) -> Row {
        let path = model.weights.path
        let rates = times.map { Double(prompt + generate) * 1e9 / $0 }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func deviation(_ values: [Double]) -> Double {
            guard values.count > 1 else { return 0 }
            let center = mean(values)
            return (values.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(values.count - 1)).squareRoot()
        }
        let size = FileSize.of(path)
        return Row(
            build_commit: ProgramVersion.number, build_number: 0, cpu_info: CPU.brand, backends: "mgbench",
            n_batch: options.chunk, n_ubatch: options.chunk, model_filename: path, model_type: model.weights.name,
            model_size: size,
            model_n_params: model.weights.parameterCount, n_threads: model.team.workers,
            type_k: options.kv, type_v: options.kv, n_prompt: prompt, n_gen: generate, n_depth: 0,
            test_time: ISO8601DateFormatter().string(from: Date()), avg_ns: mean(times), stddev_ns: deviation(times),
            avg_ts: mean(rates), stddev_ts: deviation(rates), samples_ns: times, samples_ts: rates)
    }

    private func name(_ row: Row) -> String { row.n_prompt > 0 ? "pp\(row.n_prompt)" : "tg\(row.n_gen)" }

    private func printTable(_ rows: [Row], loading: Double, _ model: LanguageModel) {
        print("\(model.weights.name) · \(model.team.workers) threads · keys and values \(options.kv)")
        for row in rows {
            guard let statistic = Statistic(row.samples_ns) else { continue }
            let count = Double(row.n_prompt + row.n_gen)
            let what = row.n_prompt > 0 ? "read \(row.n_prompt) tokens" : "write \(row.n_gen) tokens"
            print(
                "  \(what.padded(20))"
                    + "\(format(count * 1e9 / statistic.median)) tokens/s "
                    + "[\(format(count * 1e9 / statistic.high)), "
                    + "\(format(count * 1e9 / statistic.low))]  "
                    + (row.n_prompt > 0 ? "first token after \(format(statistic.median / 1e6)) ms" : ""))
        }
        print("  load                \(format(loading / 1e6)) ms")
        print(
            "  memory              packed weights \(model.weights.packedBytes) bytes, cache \(model.cache.bytes) bytes")
        if let memory = ProcessMemory.now {
            print("  resident            \(memory.resident) bytes, at most \(memory.most)")
        }
    }

    private func format(_ value: Double) -> String { String(format: value < 100 ? "%.1f" : "%.0f", value) }

    private func printMarkdown(_ rows: [Row]) {
        print("| model | size | params | backend | threads | test | t/s |")
        print("| --- | ---: | ---: | --- | ---: | ---: | ---: |")
        for row in rows {
            let size = String(format: "%.2f MiB", Double(row.model_size) / 1048576)
            let parameters = String(format: "%.2f M", Double(row.model_n_params) / 1e6)
            let rate = String(format: "%.2f ± %.2f", row.avg_ts, row.stddev_ts)
            print(
                "| \(row.model_type) | \(size) | \(parameters) | mgbench | \(row.n_threads) | \(name(row)) | \(rate) |")
        }
    }

    private func printCSV(_ rows: [Row]) {
        print(
            "build_commit,build_number,cpu_info,backends,model_filename,model_type,model_size,model_n_params,n_batch,"
                + "n_ubatch,n_threads,type_k,type_v,n_prompt,n_gen,n_depth,test_time,avg_ns,stddev_ns,avg_ts,stddev_ts")
        for row in rows {
            let fields: [String] = [
                row.build_commit, "\(row.build_number)", row.cpu_info, row.backends, row.model_filename, row.model_type,
                "\(row.model_size)", "\(row.model_n_params)", "\(row.n_batch)", "\(row.n_ubatch)", "\(row.n_threads)",
                row.type_k, row.type_v, "\(row.n_prompt)", "\(row.n_gen)", "\(row.n_depth)", row.test_time,
                String(format: "%.0f", row.avg_ns), String(format: "%.0f", row.stddev_ns),
                String(format: "%.6f", row.avg_ts), String(format: "%.6f", row.stddev_ts),
            ]
            print(fields.map { "\"\($0.replacingOccurrences(of: "\"", with: "\"\""))\"" }.joined(separator: ","))
        }
    }
}
