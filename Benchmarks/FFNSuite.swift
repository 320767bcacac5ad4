internal import Kernels

extension Suite {
    /// The feed-forward layers of real models, at decode and prefill.
    static let ffn = Suite(
        "ffn", "feed-forward layers: GELU (erf and tanh) and SwiGLU, decode and prefill, f32 and bf16",
        [
            Workload(
                "gpt2-124m decode", FFN.self, FFN.Problem(.geluTanh, tokens: 1, model: 768, hidden: 3072), quick: true),
            Workload(
                "gpt2-124m decode", FFN.self,
                FFN.Problem(.geluTanh, tokens: 1, model: 768, hidden: 3072, format: .bf16)),
            Workload("gpt2-124m, T=8", FFN.self, FFN.Problem(.geluTanh, tokens: 8, model: 768, hidden: 3072)),
            Workload(
                "gpt2-124m prefill", FFN.self, FFN.Problem(.geluTanh, tokens: 512, model: 768, hidden: 3072),
                quick: true),
            Workload(
                "gpt2-124m prefill", FFN.self,
                FFN.Problem(.geluTanh, tokens: 512, model: 768, hidden: 3072, format: .bf16), quick: true),
            Workload("minilm", FFN.self, FFN.Problem(.geluErf, tokens: 256, model: 384, hidden: 1536)),
            Workload("smollm2-135m decode", FFN.self, FFN.Problem(.swiGLU, tokens: 1, model: 576, hidden: 1536)),
            Workload(
                "smollm2-135m prefill", FFN.self, FFN.Problem(.swiGLU, tokens: 256, model: 576, hidden: 1536),
                quick: true),
        ])
}
