public import Foundation

/// What a job shall measure: the options of `mgbench run` that the page offers.
public struct JobRequest: Codable, Sendable, Equatable {
    public var suite: String
    public var quick: Bool
    /// `--variants`, `--problem`, `--threads`, `--temperature`, `--time-box`; nil for the default.
    public var variants: String?
    public var problem: String?
    public var threads: String?
    public var temperature: String?
    public var timeBox: String?

    public init(
        suite: String, quick: Bool = true, variants: String? = nil, problem: String? = nil, threads: String? = nil,
        temperature: String? = nil, timeBox: String? = nil
    ) {
        self.suite = suite
        self.quick = quick
        self.variants = variants
        self.problem = problem
        self.threads = threads
        self.temperature = temperature
        self.timeBox = timeBox
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case suite, quick, variants, problem, threads, temperature, timeBox
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        suite = try values.decode(String.self, forKey: .suite)
        quick = try values.decodeIfPresent(Bool.self, forKey: .quick) ?? true
        variants = try values.decodeIfPresent(String.self, forKey: .variants)
        problem = try values.decodeIfPresent(String.self, forKey: .problem)
        threads = try values.decodeIfPresent(String.self, forKey: .threads)
        temperature = try values.decodeIfPresent(String.self, forKey: .temperature)
        timeBox = try values.decodeIfPresent(String.self, forKey: .timeBox)
    }

    /// Why the request cannot be met, in a sentence; nil if it can, as far as the page can tell.
    func objection(suites: [String]) -> String? {
        guard suites.contains(suite) || suite == "all" else { return "there is no suite \"\(suite.prefix(40))\"" }
        for (name, value) in [("variants", variants), ("problem", problem)] {
            guard let value else { continue }
            if value.count > 120 || value.hasPrefix("-") || !value.unicodeScalars.allSatisfy(JobRequest.isPrintable) {
                return "\(name): at most 120 printable characters are expected, the first no hyphen"
            }
        }
        if let threads {
            let sizes = threads.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
            guard sizes.count <= 8, sizes.allSatisfy({ (1...1024).contains($0 ?? 0) }) else {
                return "threads: numbers from 1 to 1024 separated by commas are expected"
            }
        }
        if let temperature, !["hot", "cold", "hot,cold"].contains(temperature) {
            return "temperature: hot, cold, or hot,cold is expected"
        }
        if let timeBox, !(Double(timeBox).map { (0.01...60).contains($0) } ?? false) {
            return "timeBox: seconds from 0.01 to 60 are expected"
        }
        return nil
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate: false
        default: true
        }
    }

    /// The options behind `mgbench run`.
    public var arguments: [String] {
        var arguments = ["--suite", suite] + (quick ? ["--quick"] : [])
        let options = [
            ("variants", variants), ("problem", problem), ("threads", threads), ("temperature", temperature),
            ("time-box", timeBox),
        ]
        for (name, value) in options { if let value { arguments += ["--\(name)", value] } }
        return arguments
    }

    /// The same as a person would type it.
    var command: String {
        let words = ["mgbench", "run"] + arguments
        return words.map { word in
            let isPlain = word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2C, 0x2D, 0x2E, 0x5F].contains(byte)
            }
            return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}

/// A job that was started.
public struct JobHandle: Sendable {
    /// Asks it to end; what it has measured so far is kept. May be called twice.
    public var cancel: @Sendable () -> Void

    public init(cancel: @escaping @Sendable () -> Void) { self.cancel = cancel }
}

/// Starts a job: `line` is called with each line that it tells (see `RunEvent`), `ended` once, behind the last line, with
/// the exit code and what it said on standard error.
public typealias JobStarter =
    @Sendable (
        _ request: JobRequest, _ line: @escaping @Sendable (Data) -> Void,
        _ ended: @escaping @Sendable (_ code: Int32, _ message: String) -> Void
    ) throws -> JobHandle
