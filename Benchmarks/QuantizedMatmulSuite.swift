internal import Kernels
internal import Tensors

extension Suite {
    /// Products with quantised weights, in the shapes of SmolLM2 and of a larger model.
    static let quantizedMatmul = Suite(
        "quantized-matmul", "products with weights in GGUF's blocks and int8: decode and prefill",
        [
            Workload(
                "smollm2-135m mlp up, decode", QuantizedMatmul.self,
                .init(.q4_1, tokens: 1, inputs: 576, outputs: 1536),
                quick: true),
            Workload(
                "smollm2-135m mlp up, prefill", QuantizedMatmul.self,
                .init(.q4_1, tokens: 256, inputs: 576, outputs: 1536),
                quick: true),
            Workload(
                "smollm2-135m mlp down, decode", QuantizedMatmul.self,
                .init(.q8_0, tokens: 1, inputs: 1536, outputs: 576),
                quick: true),
            Workload(
                "smollm2-135m mlp down, prefill", QuantizedMatmul.self,
                .init(.q8_0, tokens: 256, inputs: 1536, outputs: 576)),
            Workload(
                "llama3-8b query projection, decode", QuantizedMatmul.self,
                .init(.q4_0, tokens: 1, inputs: 4096, outputs: 4096)
            ),
            Workload(
                "llama3-8b query projection, T=8", QuantizedMatmul.self,
                .init(.q4_1, tokens: 8, inputs: 4096, outputs: 4096)),
            Workload(
                "llama3-8b query projection, decode", QuantizedMatmul.self,
                .init(.q4_k, tokens: 1, inputs: 4096, outputs: 4096)
            ),
            Workload(
                "llama3-8b key projection, prefill", QuantizedMatmul.self,
                .init(.q4_k, tokens: 128, inputs: 4096, outputs: 1024)),
            Workload(
                "llama3-8b key projection, prefill", QuantizedMatmul.self,
                .init(.int8, tokens: 128, inputs: 4096, outputs: 1024)),
        ])
}
