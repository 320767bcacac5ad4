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
        matmul, softmax, norm, elementwise, attention, flash, cachedAttention, ffn, quantizedMatmul, limits,
    ]

    /// Every suite, in the order in which `--suite all` runs them.
    public static let all: [Suite] = kernels + [oddSizes, prefill, decode, tokenizer]

    /// The suite of this name, or nil.
    public static func named(_ name: String) -> Suite? { all.first { $0.name == name } }
}
