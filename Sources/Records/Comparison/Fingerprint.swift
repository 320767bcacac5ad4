internal import Foundation

extension Run {
    /// A field in which two runs differ so that their times cannot be compared.
    public struct Difference: Sendable, Equatable {
        /// The path in the run's JSON: `environment.kernel`.
        public var field: String
        public var base: String
        public var head: String
    }

    /// What may differ between runs that are compared: what is compared, and what the moment brings.
    private static let free: Set<String> = [
        "environment.revision", "environment.dirty", "environment.mgbench", "environment.loadAverage",
        "environment.steal",
    ]

    /// What files from before these fields lack: absent on one side, it says nothing.
    private static let younger: Set<String> = ["settings.tuning"]

    /// The fields of machine, software, settings and problems in which `head` differs from this run.
    ///
    /// - Throws: `EncodingError` if a run holds a value that is not finite.
    public func differences(from head: Run) throws -> [Difference] {
        let mine = try fingerprint()
        let theirs = try head.fingerprint()
        return Set(mine.keys).union(theirs.keys).subtracting(Run.free).sorted().compactMap { field in
            if Run.younger.contains(field), mine[field] == nil || theirs[field] == nil { return nil }
            let (old, new) = (mine[field] ?? "absent", theirs[field] ?? "absent")
            return old == new ? nil : Difference(field: field, base: old, head: new)
        } + unlikeProblems(head)
    }

    /// Rows that bear the same name but stand for other work.
    private func unlikeProblems(_ head: Run) -> [Difference] {
        func name(_ row: VariantRecord) -> [String] {
            [
                row.family, row.variant, row.problem.label, row.problem.workload, "\(row.threads)",
                row.temperature.rawValue,
            ]
        }
        let theirs = Dictionary(head.measurements.map { (name($0), $0) }, uniquingKeysWith: { first, _ in first })
        return measurements.enumerated().flatMap { place, row -> [Difference] in
            guard let other = theirs[name(row)] else { return [] }
            var found: [Difference] = []
            if row.countedWork != other.countedWork {
                found.append(
                    Difference(
                        field: "measurements[\(place)].cost", base: "\(row.cost.flops) flops, \(row.cost.bytes) bytes",
                        head: "\(other.cost.flops) flops, \(other.cost.bytes) bytes"))
            }
            if row.problem.axes != other.problem.axes {
                found.append(
                    Difference(
                        field: "measurements[\(place)].problem.axes", base: "\(row.problem.axes)",
                        head: "\(other.problem.axes)"))
            }
            return found
        }
    }

    /// The fields that `--allow-different` can name.
    public var comparedFields: [String] {
        get throws { try fingerprint().keys.filter { !Run.free.contains($0) }.sorted() }
    }

    /// What a time of this run depends on beside the code: machine, software and settings, by their paths in the JSON.
    ///
    /// - Throws: `EncodingError` if a run holds a value that is not finite.
    public func context() throws -> [String: String] {
        try fingerprint().filter { !Run.free.contains($0.key) || $0.key == "environment.mgbench" }
    }

    private func fingerprint() throws -> [String: String] {
        var fields = ["suite": suite]
        fields.merge(try Run.fields(of: environment, under: "environment")) { first, _ in first }
        fields.merge(try Run.fields(of: settings, under: "settings")) { first, _ in first }
        return fields
    }

    private static func fields(of value: some Encodable, under name: String) throws -> [String: String] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let decoded = try JSONSerialization.jsonObject(with: encoder.encode(value))
        guard let object = decoded as? [String: Any] else { return [:] }
        var fields: [String: String] = [:]
        for (key, value) in object {
            let text = try JSONSerialization.data(
                withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
            fields["\(name).\(key)"] = String(decoding: text, as: UTF8.self)
        }
        return fields
    }
}
