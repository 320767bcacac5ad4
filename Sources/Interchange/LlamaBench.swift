public import Foundation

/// Rows as llama-bench prints them: a test of a model, reading (`pp512`) or writing (`tg128`).
public struct LlamaBenchRow: Encodable, Sendable {
    var build_commit: String
    var build_number = 0
    var cpu_info: String
    var backends = "mgbench"
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
    var n_depth = 0
    var test_time: String
    var avg_ns: Double
    var stddev_ns: Double
    var avg_ts: Double
    var stddev_ts: Double
    var samples_ns: [Double]
    var samples_ts: [Double]

    /// What a test was run on.
    public struct Setting: Sendable {
        public var version: String
        public var cpu: String
        /// Tokens that go through the layers together.
        public var batch: Int
        public var file: String
        public var model: String
        public var bytes: Int
        public var parameters: Int
        public var threads: Int
        /// The format of keys and values.
        public var cache: String

        public init(
            version: String, cpu: String, batch: Int, file: String, model: String, bytes: Int, parameters: Int,
            threads: Int, cache: String
        ) {
            self.version = version
            self.cpu = cpu
            self.batch = batch
            self.file = file
            self.model = model
            self.bytes = bytes
            self.parameters = parameters
            self.threads = threads
            self.cache = cache
        }
    }

    /// - Parameters:
    ///   - prompt: tokens that were read in one pass; 0 for a test of writing.
    ///   - generated: tokens that were written; 0 for a test of reading.
    ///   - nanoseconds: of each repetition; at least one.
    public init(_ setting: Setting, prompt: Int, generated: Int, nanoseconds: [Double], at time: Date) {
        build_commit = setting.version
        cpu_info = setting.cpu
        (n_batch, n_ubatch) = (setting.batch, setting.batch)
        model_filename = setting.file
        model_type = setting.model
        model_size = setting.bytes
        model_n_params = setting.parameters
        n_threads = setting.threads
        (type_k, type_v) = (setting.cache, setting.cache)
        (n_prompt, n_gen) = (prompt, generated)
        test_time = ISO8601DateFormatter().string(from: time)
        let rates = nanoseconds.map { Double(prompt + generated) * 1e9 / $0 }
        (avg_ns, stddev_ns) = Self.moments(nanoseconds)
        (avg_ts, stddev_ts) = Self.moments(rates)
        samples_ns = nanoseconds
        samples_ts = rates
    }

    /// Mean and standard deviation of the sample; the deviation of one value is 0.
    private static func moments(_ values: [Double]) -> (mean: Double, deviation: Double) {
        let mean = values.reduce(0, +) / Double(values.count)
        guard values.count > 1 else { return (mean, 0) }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (mean, (squares / Double(values.count - 1)).squareRoot())
    }

    fileprivate var test: String { n_prompt > 0 ? "pp\(n_prompt)" : "tg\(n_gen)" }
}

/// The forms of llama-bench's `--output`.
public enum LlamaBenchFormat: String, CaseIterable, Sendable {
    case md, csv, json

    /// The rows as a text that ends with a line's end.
    ///
    /// - Throws: `EncodingError` if a number is not finite.
    public func text(_ rows: [LlamaBenchRow]) throws -> String {
        switch self {
        case .md: Self.markdown(rows)
        case .csv: Self.csv(rows)
        case .json: String(decoding: try rows.foreignJSON(), as: UTF8.self)
        }
    }

    private static func fixed(_ value: Double, _ decimals: Int) -> String { String(format: "%.\(decimals)f", value) }

    private static func markdown(_ rows: [LlamaBenchRow]) -> String {
        let lines = rows.map { row in
            let size = fixed(Double(row.model_size) / 1_048_576, 2) + " MiB"
            let parameters = fixed(Double(row.model_n_params) / 1e6, 2) + " M"
            let rate = fixed(row.avg_ts, 2) + " ± " + fixed(row.stddev_ts, 2)
            let cells = [row.model_type, size, parameters, row.backends, "\(row.n_threads)", row.test, rate]
            return "| " + cells.joined(separator: " | ") + " |\n"
        }
        return """
            | model | size | params | backend | threads | test | t/s |
            | --- | ---: | ---: | --- | ---: | ---: | ---: |

            """ + lines.joined()
    }

    private static func csv(_ rows: [LlamaBenchRow]) -> String {
        let columns: [(name: String, text: (LlamaBenchRow) -> String)] = [
            ("build_commit", { $0.build_commit }), ("build_number", { "\($0.build_number)" }),
            ("cpu_info", { $0.cpu_info }), ("backends", { $0.backends }), ("model_filename", { $0.model_filename }),
            ("model_type", { $0.model_type }), ("model_size", { "\($0.model_size)" }),
            ("model_n_params", { "\($0.model_n_params)" }), ("n_batch", { "\($0.n_batch)" }),
            ("n_ubatch", { "\($0.n_ubatch)" }), ("n_threads", { "\($0.n_threads)" }), ("type_k", { $0.type_k }),
            ("type_v", { $0.type_v }), ("n_prompt", { "\($0.n_prompt)" }), ("n_gen", { "\($0.n_gen)" }),
            ("n_depth", { "\($0.n_depth)" }), ("test_time", { $0.test_time }), ("avg_ns", { fixed($0.avg_ns, 0) }),
            ("stddev_ns", { fixed($0.stddev_ns, 0) }), ("avg_ts", { fixed($0.avg_ts, 6) }),
            ("stddev_ts", { fixed($0.stddev_ts, 6) }),
        ]
        let head = columns.map(\.name).joined(separator: ",") + "\n"
        return head
            + rows.map { row in
                columns.map { "\"\($0.text(row).replacingOccurrences(of: "\"", with: "\"\""))\"" }
                    .joined(separator: ",") + "\n"
            }.joined()
    }
}
