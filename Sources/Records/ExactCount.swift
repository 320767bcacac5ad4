public import Foundation

/// What one call of every variant does, counted and not timed: no noise can touch it.
public struct ExactCounts: Codable, Sendable, Equatable {
    /// One call of one variant.
    public struct Row: Codable, Sendable, Equatable {
        public var family: String
        public var variant: String
        public var problem: String
        /// Instructions that callgrind saw.
        public var instructions: Int
        /// Calls of the allocator.
        public var allocations: Int
        /// The cost model's operations and bytes.
        public var flops: Double
        public var bytes: Double

        public init(
            family: String, variant: String, problem: String, instructions: Int, allocations: Int, flops: Double,
            bytes: Double
        ) {
            self.family = family
            self.variant = variant
            self.problem = problem
            self.instructions = instructions
            self.allocations = allocations
            self.flops = flops
            self.bytes = bytes
        }

        /// `softmax/fused__avx2 at 64×64 f32`.
        public var label: String { "\(family)/\(variant) at \(problem)" }
    }

    /// The instruction sets that the counting processor offered; valgrind hides AVX-512.
    public var instructionSet: [String]
    public var compiler: String
    /// The program that counted, for example `valgrind-3.19.0`.
    public var counter: String
    /// Why the counts were accepted, oldest first.
    public var reasons: [Reason]
    public var rows: [Row]

    public struct Reason: Codable, Sendable, Equatable {
        public var date: Date
        public var text: String

        public init(date: Date, text: String) {
            self.date = date
            self.text = text
        }
    }

    public init(instructionSet: [String], compiler: String, counter: String, rows: [Row]) {
        self.instructionSet = instructionSet
        self.compiler = compiler
        self.counter = counter
        self.rows = rows
        reasons = []
    }

    /// The fields in which the counting itself differed, so that counts say nothing of the code.
    public func differences(from head: ExactCounts) -> [String] {
        var fields: [String] = []
        if instructionSet != head.instructionSet {
            fields.append(
                "instructionSet: \(instructionSet.joined(separator: "+")) against "
                    + head.instructionSet.joined(separator: "+"))
        }
        if compiler != head.compiler { fields.append("compiler: \(compiler) against \(head.compiler)") }
        if counter != head.counter { fields.append("counter: \(counter) against \(head.counter)") }
        return fields
    }

    /// How the head's counts differ from these.
    ///
    /// - Parameter limit: growth of instructions that fails, as a share; allocations and modelled cost fail at any.
    public func changes(to head: ExactCounts, limit: Double) -> [CountChange] {
        let old = Dictionary(rows.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(head.rows.map { ($0.label, $0) }, uniquingKeysWith: { first, _ in first })
        var changes: [CountChange] = []
        for row in head.rows {
            guard let before = old[row.label] else {
                changes.append(CountChange(row: row.label, text: "is new", outcome: .new))
                continue
            }
            let growth = before.instructions > 0 ? Double(row.instructions) / Double(before.instructions) - 1 : 0
            if row.instructions != before.instructions {
                let percent = (growth * 1e5).rounded() / 1e3
                changes.append(
                    CountChange(
                        row: row.label,
                        text: "\(before.instructions) → \(row.instructions) instructions "
                            + "(\(growth > 0 ? "+" : "")\(percent) %)",
                        outcome: growth > limit ? .regressed : .passed))
            }
            if row.allocations != before.allocations {
                changes.append(
                    CountChange(
                        row: row.label, text: "\(before.allocations) → \(row.allocations) allocations",
                        outcome: row.allocations > before.allocations ? .regressed : .passed))
            }
            if row.flops != before.flops || row.bytes != before.bytes {
                changes.append(
                    CountChange(
                        row: row.label,
                        text: "modelled cost \(before.flops) flops, \(before.bytes) bytes → \(row.flops), \(row.bytes)",
                        outcome: .regressed))
            }
        }
        changes += rows.filter { new[$0.label] == nil }.map {
            CountChange(row: $0.label, text: "is gone", outcome: .missing)
        }
        return changes
    }

    /// - Throws: `EncodingError` if a number is not finite.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// - Throws: `RunFileError` naming the file.
    public static func load(_ file: URL) throws(RunFileError) -> ExactCounts {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw RunFileError("\(file.path): cannot be read: \(error.localizedDescription)")
        }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do { return try decoder.decode(ExactCounts.self, from: data) } catch let error as DecodingError {
            throw RunFileError(error, in: data, name: file.path, expected: "exact counts of mgbench")
        } catch {
            throw RunFileError("\(file.path): \(error)")
        }
    }
}

/// One difference between two counts.
public struct CountChange: Codable, Sendable, Equatable {
    /// `softmax/fused__avx2 at 64×64 f32`.
    public var row: String
    public var text: String
    public var outcome: GateOutcome

    public init(row: String, text: String, outcome: GateOutcome) {
        self.row = row
        self.text = text
        self.outcome = outcome
    }

    public var fails: Bool { outcome.fails }
}
