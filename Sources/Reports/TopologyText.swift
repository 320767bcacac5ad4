public import Records

/// The machine and the software of a run as a table of properties.
public struct TopologyText: Sendable {
    private let environment: RunEnvironment

    public init(_ environment: RunEnvironment) { self.environment = environment }

    public func terminal(width: Int, color: Bool) -> String { table.terminal(width: width, color: color) }

    public func markdown() -> String { table.markdown() }

    public var table: Table {
        Table(
            title: "", columns: [.init("", .left), .init("", .left)],
            groups: [
                Table.Group(title: "Machine", rows: rows(machine)),
                Table.Group(title: "Software", rows: rows(software)),
            ])
    }

    private func rows(_ pairs: [(String, String)]) -> [Table.Row] { pairs.map { Table.Row([$0.0], note: $0.1) } }

    private var machine: [(String, String)] {
        var pairs = [
            ("host", environment.hostname), ("CPU", environment.cpu),
            ("cores", "\(environment.cores), \(environment.logicalCPUs) logical CPUs"),
            ("may use CPUs", TopologyText.ranges(environment.cpuset)),
        ]
        pairs += environment.caches.map { cache in
            let shared = cache.sharedBy == 1 ? "of one logical CPU" : "shared by \(cache.sharedBy) logical CPUs"
            let size = Format.bytes(cache.bytes)
            return ("L\(cache.level) \(cache.type)", "\(size), lines of \(cache.lineBytes) B, \(shared)")
        }
        return pairs + [
            ("memory", Format.bytes(environment.memoryBytes)),
            ("virtualization", environment.virtualization), ("governor", environment.governor),
            ("load", environment.loadAverage.map { Format.number($0) }.joined(separator: ", ")),
            ("steal", environment.steal.map(Format.percent) ?? "unknown"),
            ("huge pages", environment.transparentHugePages),
            ("features", environment.cpuFeatures.joined(separator: " ")),
        ]
    }

    private var software: [(String, String)] {
        let blas = environment.blas.map { "\($0.name), core \($0.core), \($0.threading)" }
        let state = environment.dirty == true ? " with uncommitted changes" : ""
        return [
            ("kernel", environment.kernel), ("compiler", environment.compiler),
            ("mgbench", "\(environment.mgbench), \(environment.build) build"),
            ("BLAS", blas ?? "none: built without it"),
            ("revision", environment.revision.map { $0 + state } ?? "not in a checkout"),
        ]
    }

    /// CPU numbers with runs of neighbours joined: `0-3, 6`.
    static func ranges(_ numbers: [Int]) -> String {
        var parts: [(first: Int, last: Int)] = []
        for number in numbers.sorted() {
            if let last = parts.last, number <= last.last + 1 {
                parts[parts.count - 1].last = number
            } else {
                parts.append((number, number))
            }
        }
        guard !parts.isEmpty else { return Format.none }
        return parts.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ", ")
    }
}
