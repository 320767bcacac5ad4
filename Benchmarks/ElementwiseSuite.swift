internal import Kernels

extension Suite {
    /// Every function at a size for each level of the memory: arithmetic in the first two caches, then less and less.
    static let elementwise = Suite(
        "elementwise", "exp, tanh, GELU (erf, tanh, logistic) and SiLU, from the first cache to beyond the second",
        Elementwise.Function.allCases.flatMap { function in
            [
                ("in the first cache", 2048), ("in the second cache", 65536),
                ("in the third cache", 1 << 20),
                ("gpt2-124m hidden values, T=1024", 3 << 20),
            ].map { name, count in
                Workload(
                    name, Elementwise.self, Elementwise.Problem(function, count: count), quick: count == 65536)
            }
        })
}
