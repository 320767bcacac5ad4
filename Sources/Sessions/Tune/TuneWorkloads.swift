internal import Kernels
internal import Suites
internal import Tensors

extension Workload {
    /// What a small GPT calls (model 128, 4 heads, 128 positions), at one token, at a few and at a whole context: classes
    /// that the suites, with the shapes of large models, do not reach.
    static let smallGPT: [Workload] = [1, 8, 32, 128].flatMap { tokens in
        [
            product("qkv", m: tokens, n: 384, k: 128),
            product("projection", m: tokens, n: 128, k: 128, .init(bias: true, residual: true)),
            product("logits", m: tokens, n: 65, k: 128),
            product("qkv, bf16", m: tokens, n: 384, k: 128, format: .bf16),
            small("feed-forward", FFN.self, .init(.geluTanh, tokens: tokens, model: 128, hidden: 512)),
            small("feed-forward, gated", FFN.self, .init(.swiGLU, tokens: tokens, model: 128, hidden: 352)),
            small(
                "attention", Attention.self,
                .init(heads: 4, kvHeads: 4, queries: tokens, keys: 128, dim: 32, causal: true)),
            small("norm", Norm.self, .init(.layerNorm, rows: tokens, columns: 128)),
            small("norm and residual", Norm.self, .init(.layerNorm, rows: tokens, columns: 128, residual: true)),
            small("norm", Norm.self, .init(.rmsNorm, rows: tokens, columns: 128)),
            small("norm and residual", Norm.self, .init(.rmsNorm, rows: tokens, columns: 128, residual: true)),
            small("probabilities", Softmax.self, .init(rows: tokens, columns: 65)),
            small("qkv", QuantizedMatmul.self, .init(.q8_0, tokens: tokens, inputs: 128, outputs: 384)),
            small("qkv", QuantizedMatmul.self, .init(.q4_0, tokens: tokens, inputs: 128, outputs: 384)),
        ]
    }

    private static func small<Family: KernelFamily>(
        _ name: String, _ family: Family.Type, _ problem: Family.Problem
    ) -> Workload {
        Workload("small gpt \(name)", family, problem, quick: true)
    }

    private static func product(
        _ name: String, m: Int, n: Int, k: Int, _ epilogue: Matmul.Epilogue = .none, format: NumberFormat = .f32
    ) -> Workload {
        small(name, Matmul.self, .init(m: m, n: n, k: k, format: format, epilogue: epilogue))
    }
}
