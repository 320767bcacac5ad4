public import Machine
internal import Tensors

/// What the outputs of a problem must be: the reference's, computed once on the operands at hand.
public struct Expectation<Family: KernelFamily>: Sendable {
    public let problem: Family.Problem
    /// All outputs of the reference, one after another.
    public let values: [Float]

    /// Runs the family's reference on `operands`.
    public init(_ problem: Family.Problem, operands: Family.Operands, team: Team) {
        guard let reference = Family.variants.first(where: { $0.kind == .reference }) else {
            preconditionFailure("the family \(Family.name) lists no reference")
        }
        for output in operands.outputs { output.fill(Tensor<Float>.poison) }
        reference.bind(problem, operands, workers: team.workers).call(team)
        self.problem = problem
        values = operands.outputs.flatMap { Array($0.values) }
    }

    /// Holds what stands in the outputs of `operands` against the reference.
    public func agreement(of operands: Family.Operands, within bound: ErrorBound) -> Agreement {
        precondition(
            bound.values.count == values.count, "\(Family.name): one bound for each of \(values.count) outputs")
        var agreement = Agreement(count: values.count, bound: bound.argument)
        var index = 0
        for output in operands.outputs {
            for value in output.values {
                agreement.add(index, value, reference: values[index], bound: bound.values[index])
                index += 1
            }
        }
        return agreement
    }
}

/// How far a variant's outputs are from the reference's.
public struct Agreement: Sendable {
    public let count: Int
    /// The argument behind the bound.
    public let bound: String
    /// The largest |output − reference| ÷ bound.
    public private(set) var worstOfBound = 0.0
    /// The largest |output − reference|.
    public private(set) var worstError = 0.0
    /// The first output that is wrong, in words; nil if all are right.
    public private(set) var fault: String?

    init(count: Int, bound: String) {
        self.count = count
        self.bound = bound
    }

    public var isRight: Bool { fault == nil }

    mutating func add(_ index: Int, _ value: Float, reference: Float, bound: Float) {
        if value.bitPattern == Tensor<Float>.poison.bitPattern {
            blame(index, "was never written")
        } else if reference.isNaN || value.isNaN {
            if reference.isNaN != value.isNaN { blame(index, "is \(value), reference \(reference)") }
        } else if reference.isInfinite || value.isInfinite {
            if reference != value { blame(index, "is \(value), reference \(reference)") }
        } else {
            let error = abs(Double(value) - Double(reference))
            guard error > 0 else { return }
            worstError = max(worstError, error)
            worstOfBound = max(worstOfBound, bound > 0 ? error / Double(bound) : .greatestFiniteMagnitude)
            if !(error <= Double(bound)) {
                blame(index, "is \(value), reference \(reference), bound \(bound)")
            }
        }
    }

    private mutating func blame(_ index: Int, _ what: @autoclosure () -> String) {
        if fault == nil { fault = "output \(index) of \(count) \(what())" }
    }
}
