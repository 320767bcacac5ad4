internal import Kernels
internal import Tensors

extension Suite {
    /// Products with quantised weights, in the shapes of SmolLM2 and of a larger model.
    static let quantizedMatmul = Suite(
        "quantized-matmul", "products with weights in GGUF's blocks and int8: decode and prefill",
        [
            Workload(
                "smollm2-135m mlp up, decode", QuantizedMatmul.self, .init(m: 1, n: 1536, k: 576, format: .q4_1),
                quick: true),
            Workload(
                "smollm2-135m mlp up, prefill", QuantizedMatmul.self, .init(m: 256, n: 1536, k: 576, format: .q4_1),
                quick: true),
            Workload(
                "smollm2-135m mlp down, decode", QuantizedMatmul.self, .init(m: 1, n: 576, k: 1536, format: .q8_0),
                quick: true),
            Workload(
                "smollm2-135m mlp down, prefill", QuantizedMatmul.self, .init(m: 256, n: 576, k: 1536, format: .q8_0)),
            Workload(
                "llama3-8b query projection, decode", QuantizedMatmul.self, .init(m: 1, n: 4096, k: 4096, format: .q4_0)
            ),
            Workload(
                "llama3-8b query projection, T=8", QuantizedMatmul.self, .init(m: 8, n: 4096, k: 4096, format: .q4_1)),
            Workload(
                "llama3-8b query projection, decode", QuantizedMatmul.self, .init(m: 1, n: 4096, k: 4096, format: .q4_k)
            ),
            Workload(
                "llama3-8b key projection, prefill", QuantizedMatmul.self,
                .init(m: 128, n: 1024, k: 4096, format: .q4_k)),
            Workload(
                "llama3-8b key projection, prefill", QuantizedMatmul.self,
                .init(m: 128, n: 1024, k: 4096, format: .int8)),
        ])
}
