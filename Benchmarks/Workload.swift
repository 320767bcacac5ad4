public import Entrants
public import Harness
public import Kernels
public import Machine
public import Records

/// One problem with the place in a real model that it comes from.
public struct Workload: Sendable {
    /// Where the shape comes from: `gpt2-124m mlp up, T=8`.
    public let name: String
    /// Whether `--quick` keeps it.
    public let quick: Bool
    public let problem: any MeasuredProblem

    public init<Family: KernelFamily>(
        _ name: String, _ family: Family.Type, _ problem: Family.Problem, quick: Bool = false
    ) {
        self.name = name
        self.quick = quick
        self.problem = FamilyProblem<Family>(problem)
    }

    public init(name: String, quick: Bool, problem: any MeasuredProblem) {
        self.name = name
        self.quick = quick
        self.problem = problem
    }

    /// The problem as its family prints it.
    public var label: String { problem.label }
    public var family: String { problem.family }
    /// The named sizes of the problem.
    public var axes: [String: Int] { problem.axes }

    /// As a problem of a family of kernels; nil for a whole model or a tokenizer.
    public var kernel: (any AnyFamilyProblem)? { problem as? any AnyFamilyProblem }

    /// Its contest: those that the options let take part, and those that cannot.
    public func contest(options: ContestOptions, team: Team) -> Contest {
        problem.contest(workload: name, options: options, team: team)
    }

    /// Whether the name or the shape contains the text, whatever its case.
    public func matches(_ text: String) -> Bool {
        name.lowercased().contains(text.lowercased()) || label.lowercased().contains(text.lowercased())
    }

    /// The same workload with some sizes replaced.
    ///
    /// - Throws: `UsageError` naming an axis that the family does not have.
    public func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> Workload {
        guard !sizes.isEmpty else { return self }
        let suffix = sizes.map { "\($0.axis)=\($0.value)" }.joined(separator: " ")
        return Workload(name: "\(name), \(suffix)", quick: quick, problem: try problem.setting(sizes))
    }
}
