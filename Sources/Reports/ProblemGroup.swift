internal import Records

/// The measurements that may be held against each other: one problem, one team size, one temperature.
struct ProblemGroup {
    struct Member {
        /// Position in the run.
        var index: Int
        var measurement: VariantRecord
    }

    private struct Key: Hashable {
        var family: String
        var problem: ProblemRecord
        var threads: Int
        var temperature: Temperature

        init(_ measurement: VariantRecord) {
            family = measurement.family
            problem = measurement.problem
            threads = measurement.threads
            temperature = measurement.temperature
        }
    }

    let family: String
    let problem: ProblemRecord
    let threads: Int
    let temperature: Temperature
    /// The fastest first; then what has no time, the worst news first.
    let members: [Member]

    private init(key: Key, members: [Member]) {
        family = key.family
        problem = key.problem
        threads = key.threads
        temperature = key.temperature
        self.members = members.sorted { left, right in
            let ranks = (ProblemGroup.rank(left.measurement), ProblemGroup.rank(right.measurement))
            guard ranks.0 == ranks.1 else { return ranks.0 < ranks.1 }
            let medians = (left.measurement.nanoseconds ?? 0, right.measurement.nanoseconds ?? 0)
            return medians.0 == medians.1 ? left.index < right.index : medians.0 < medians.1
        }
    }

    /// The groups of `measurements`, in the order in which their first members stand there.
    static func grouping(_ measurements: [VariantRecord]) -> [ProblemGroup] {
        var order: [Key] = []
        var members: [Key: [Member]] = [:]
        for (index, measurement) in measurements.enumerated() {
            let key = Key(measurement)
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(Member(index: index, measurement: measurement))
        }
        return order.map { ProblemGroup(key: $0, members: members[$0] ?? []) }
    }

    private static func rank(_ measurement: VariantRecord) -> Int {
        switch measurement.verdict {
        case .verified, .imported: measurement.nanoseconds == nil ? 1 : 0
        case .failed: 2
        case .implausible: 3
        case .skipped: 4
        }
    }

    /// What the run compares against: the names of the BLAS variants, and of the reference.
    var blas: Set<String> { names(ofKind: .blas) }
    var reference: Set<String> { names(ofKind: .reference) }

    /// The fastest library that was measured beside the variants; empty if there was none.
    var library: Set<String> {
        let fastest = members.first { $0.measurement.kind == .library && $0.measurement.nanoseconds != nil }
        return fastest.map { [$0.measurement.variant] } ?? []
    }

    /// The fastest variant with a time.
    var best: Member? { members.first { $0.measurement.nanoseconds != nil } }

    /// The fastest variant of mgbench's own: neither BLAS nor the reference.
    var bestOwn: Member? {
        members.first { $0.measurement.statistic != nil && !$0.measurement.kind.isRival }
    }

    /// `attention · H12 T1024 D64 causal f32`.
    var title: String { "\(family) · \(problem.label)" }

    /// `gpt2-124m prefill · 1 thread · hot`.
    var detail: String {
        [problem.workload, Format.threads(threads), temperature.rawValue].filter { !$0.isEmpty }.joined(
            separator: " · ")
    }

    /// What Chart and picker call it.
    var name: String { "\(title) · \(detail)" }

    private func names(ofKind kind: EntrantKind) -> Set<String> {
        Set(members.filter { $0.measurement.kind == kind }.map(\.measurement.variant))
    }
}
