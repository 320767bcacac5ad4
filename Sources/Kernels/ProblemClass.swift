public import Machine

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
