public import Machine
internal import Tensors

/// Words for classes of problems at which the same variant should be the fastest: `f32, 1 row, weights in L3`.
///
/// Two things decide, so a class names them. How many rows share each weight that is read: one row multiplies it once,
/// and the memory decides; up to twelve are the rows of one tile, which reads weights once, without a copy of A; up to
/// 64 are a few tiles, where laying A out pays or not; beyond, the arithmetic decides. And the nearest cache that holds
/// what is read again at every call: weights, or K and V. Exact sizes decide little beyond that, so one measured problem
/// stands for its class.
enum ProblemClass {
    /// 1, 2–12, 13–64 or 65 and more.
    static func rows(_ count: Int, of noun: String = "row") -> String {
        switch count {
        case ...1: "1 \(noun)"
        case ...12: "2-12 \(noun)s"
        case ...64: "13-64 \(noun)s"
        default: "65+ \(noun)s"
        }
    }

    /// `L1`, `L2`, `L3` or `memory`: the nearest data cache that holds so many bytes.
    static func home(of bytes: Int, on topology: Topology) -> String {
        topology.dataCaches.first { bytes <= $0.bytes }.map { "L\($0.level)" } ?? "memory"
    }
}

extension KernelFamily {
    /// Every problem is a class of its own.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String { "\(problem)" }

    /// The class on this machine.
    public static func problemClass(of problem: Problem) -> String { problemClass(of: problem, on: .current) }
}

extension Matmul {
    /// Format, rows, where B lies, and whether something happens to the sums.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let weights = problem.k * problem.n * problem.format.bytes
        return "\(problem.format.rawValue), \(ProblemClass.rows(problem.m)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
            + (problem.epilogue == .none ? "" : ", epilogue")
    }
}

extension QuantizedMatmul {
    /// Format, tokens, where the weights lie, and whether something happens to the sums.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let weights = problem.outputs * problem.format.bytes(columns: problem.inputs)
        return "\(problem.format), \(ProblemClass.rows(problem.tokens)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
            + (problem.bias || problem.activation != .identity ? ", epilogue" : "")
    }
}

extension FFN {
    /// Format, gated or not, tokens, where all weights lie.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let matrices = problem.isGated ? 3 : 2
        let weights = matrices * problem.model * problem.hidden * problem.format.bytes
        return "\(problem.format.rawValue)\(problem.isGated ? " gated" : ""), \(ProblemClass.rows(problem.tokens)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
    }
}

extension Attention {
    /// Format, queries, where K and V lie. Variants for decoding take 8 queries at most, so that is the second bucket.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let queries =
            switch problem.queries {
            case ...1: "1 query"
            case ...8: "2-8 queries"
            case ...64: "9-64 queries"
            default: "65+ queries"
            }
        let cache = 2 * problem.kvHeads * problem.keys * problem.dim * problem.format.bytes
        return "\(problem.format.rawValue), \(queries), K and V in \(ProblemClass.home(of: cache, on: topology))"
    }
}

extension Softmax {
    /// With or without a mask, where one row lies (passes over it come back to it) and where all of it.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let (row, all) = (8 * problem.columns, 8 * problem.columns * problem.rows)
        return "\(problem.queries == nil ? "" : "causal, ")row in \(ProblemClass.home(of: row, on: topology)), "
            + "all in \(ProblemClass.home(of: all, on: topology))"
    }
}

extension Norm {
    /// The kind, with or without a residual, and where x lies.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let bytes = 4 * problem.rows * problem.columns
        return "\(problem.kind.rawValue)\(problem.residual ? " +residual" : ""), "
            + "\(ProblemClass.rows(problem.rows)), x in \(ProblemClass.home(of: bytes, on: topology))"
    }
}

extension Elementwise {
    /// The function, and where x and out lie.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        "\(problem.function.rawValue), all in \(ProblemClass.home(of: 8 * problem.count, on: topology))"
    }
}
