internal import Foundation
public import Refusals

/// A question to the counters: the events that it takes, the metrics made of them, and what they tell.
///
/// A group is a text file under `Groups` (likwid's idea: formulas are data):
///
/// ```
/// EVENTS
/// cycles        PAPI_TOT_CYC perf::CYCLES
/// instructions  PAPI_TOT_INS perf::INSTRUCTIONS
/// METRICS
/// IPC | instructions/cycle | instructions / cycles
/// LONG
/// One paragraph: what the metrics tell, and when they mislead.
/// ```
///
/// A line of `EVENTS` is a short name and the event's own name; further names are taken where the first cannot be
/// counted. A formula uses short names (counts for one call) and `time` (seconds for one call), `flops`, `bytes` (of the
/// cost model, for one call) and `calls` (in a sample).
public struct CounterGroup: Sendable, Equatable {
    public struct Event: Sendable, Equatable {
        /// The name in formulas.
        public var short: String
        /// What PAPI or rusage calls it, the preferred one first.
        public var names: [String]

        /// True if the processor counts it, not the operating system.
        public var isHardware: Bool { names.allSatisfy(EventName.isHardware) }
    }

    public struct Metric: Sendable, Equatable {
        public var name: String
        public var unit: String
        let formula: Formula
    }

    public let name: String
    public let events: [Event]
    public let metrics: [Metric]
    /// What the metrics tell: one paragraph.
    public let explanation: String

    /// Known without counting.
    static let modelNames = ["time", "flops", "bytes", "calls"]
}

/// A counter group that does not exist, or whose file is wrong.
public struct CounterGroupError: Refusal, Equatable {
    public let description: String
}

// MARK: - Finding

extension CounterGroup {
    /// The group that is added to every other: what the cost model says.
    static let modelName = "model"

    /// The groups that can be asked for, in alphabetical order.
    public static var available: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".txt") }.map { String($0.dropLast(4)) }.filter { $0 != modelName }.sorted()
    }

    private static var folder: URL { Bundle.module.bundleURL.appendingPathComponent("Groups") }

    /// Reads the group called `name`.
    ///
    /// - Throws: `CounterGroupError` listing the groups if there is none of that name.
    public static func named(_ name: String) throws(CounterGroupError) -> CounterGroup {
        guard name == modelName || available.contains(name) else {
            throw CounterGroupError(
                description: "no counter group \"\(name)\"; there are \((available + ["none"]).joined(separator: ", "))"
            )
        }
        let file = folder.appendingPathComponent(name + ".txt")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw CounterGroupError(description: "\(file.path): cannot be read")
        }
        return try CounterGroup(name: name, text: text, file: "Groups/\(name).txt")
    }
}
