public import Kernels

/// A list of real problems of one family: `mgbench run --suite <name>`.
public struct Suite: Sendable {
    public let name: String
    /// One line for `mgbench list`.
    public let summary: String
    public let workloads: [Workload]

    public init(_ name: String, _ summary: String, _ workloads: [Workload]) {
        self.name = name
        self.summary = summary
        self.workloads = workloads
    }

    /// The suites of kernels: the problems that variants are chosen and explained by.
    public static let kernels: [Suite] = [
        matmul, softmax, norm, elementwise, attention, flash, ffn, quantizedMatmul, limits,
    ]

    /// Every suite, in the order in which `--suite all` runs them.
    public static let all: [Suite] = kernels + [oddSizes, prefill, decode, tokenizer]

    /// The suite of this name, or nil.
    public static func named(_ name: String) -> Suite? { all.first { $0.name == name } }
}

/// One problem with the place in a real model that it comes from.
public struct Workload: Sendable {
    /// Where the shape comes from: `gpt2-124m mlp up, T=8`.
    public let name: String
    /// Whether `--quick` keeps it.
    public let quick: Bool
    let candidate: any Candidate

    public init<Family: KernelFamily>(
        _ name: String, _ family: Family.Type, _ problem: Family.Problem, quick: Bool = false
    ) {
        self.name = name
        self.quick = quick
        candidate = FamilyCandidate<Family>(problem: problem)
    }

    init(name: String, quick: Bool, candidate: any Candidate) {
        self.name = name
        self.quick = quick
        self.candidate = candidate
    }

    /// The problem as its family prints it.
    public var label: String { candidate.label }
    public var family: String { candidate.family }
    /// The named sizes of the problem.
    public var axes: [String: Int] { candidate.axes }

    /// Whether the name or the shape contains the text, whatever its case.
    func matches(_ text: String) -> Bool {
        name.lowercased().contains(text.lowercased()) || label.lowercased().contains(text.lowercased())
    }

    /// The same workload with some sizes replaced.
    ///
    /// - Throws: `UsageError` naming an axis that the family does not have.
    public func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> Workload {
        guard !sizes.isEmpty else { return self }
        let suffix = sizes.map { "\($0.axis)=\($0.value)" }.joined(separator: " ")
        return Workload(name: "\(name), \(suffix)", quick: quick, candidate: try candidate.setting(sizes))
    }
}

/// Bad input, in one line that says what would be right. The command line exits with 2.
public struct UsageError: Error, CustomStringConvertible, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
