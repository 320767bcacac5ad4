internal import Kernels

extension Suite {
    /// C = A·B: squares for comparison with other tables, and the products of real models at prefill and decode.
    static let matmul = Suite(
        "matmul", "C = A·B at squares and at the shapes of real models, f32 and bf16",
        [
            Workload("square", Matmul.self, Matmul.Problem(m: 1024, n: 1024, k: 1024), quick: true),
            Workload("square", Matmul.self, Matmul.Problem(m: 64, n: 64, k: 64)),
            Workload("square", Matmul.self, Matmul.Problem(m: 256, n: 256, k: 256)),
            Workload("square", Matmul.self, Matmul.Problem(m: 1024, n: 1024, k: 1024, format: .bf16), quick: true),
            Workload("odd", Matmul.self, Matmul.Problem(m: 1023, n: 1000, k: 1025)),
            Workload("gpt2-124m qkv, decode", Matmul.self, Matmul.Problem(m: 1, n: 2304, k: 768), quick: true),
            Workload("gpt2-124m qkv, T=8", Matmul.self, Matmul.Problem(m: 8, n: 2304, k: 768)),
            Workload("gpt2-124m qkv, prefill", Matmul.self, Matmul.Problem(m: 256, n: 2304, k: 768)),
            Workload(
                "gpt2-124m mlp up + GELU, prefill", Matmul.self,
                Matmul.Problem(m: 256, n: 3072, k: 768, epilogue: Matmul.Epilogue(bias: true, activation: .geluTanh)),
                quick: true),
            Workload(
                "gpt2-124m mlp down + residual, prefill", Matmul.self,
                Matmul.Problem(m: 256, n: 768, k: 3072, epilogue: Matmul.Epilogue(bias: true, residual: true))),
            Workload(
                "gpt2-124m lm head, T=8", Matmul.self, Matmul.Problem(m: 8, n: 50257, k: 768, transposedB: true)),
            Workload(
                "smollm2-135m mlp up, prefill", Matmul.self,
                Matmul.Problem(m: 256, n: 1536, k: 576, transposedB: true)),
            Workload(
                "llama3-8b key projection, bf16, T=64", Matmul.self,
                Matmul.Problem(m: 64, n: 1024, k: 4096, transposedB: true, format: .bf16)),
        ])
}
