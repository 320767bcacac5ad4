internal import Kernels

extension Suite {
    /// Attention as models use it: prefill, decode against a cache, grouped heads, cross-attention.
    static let attention = Suite(
        "attention", "attention of real models: prefill and decode, MHA, GQA, MQA, causal, full and cross",
        [
            Workload(
                "gpt2-124m prefill", Attention.self,
                Attention.Problem(heads: 12, kvHeads: 12, queries: 1024, keys: 1024, dim: 64, causal: true),
                quick: true),
            Workload(
                "gpt2-124m prefill, short", Attention.self,
                Attention.Problem(heads: 12, kvHeads: 12, queries: 128, keys: 128, dim: 64, causal: true)),
            Workload(
                "gpt2-124m decode", Attention.self,
                Attention.Problem(heads: 12, kvHeads: 12, queries: 1, keys: 2048, dim: 64, causal: true), quick: true),
            Workload(
                "gpt2-124m prefill", Attention.self,
                Attention.Problem(
                    heads: 12, kvHeads: 12, queries: 512, keys: 512, dim: 64, causal: true, format: .bf16)),
            Workload(
                "gpt2-124m decode", Attention.self,
                Attention.Problem(
                    heads: 12, kvHeads: 12, queries: 1, keys: 2048, dim: 64, causal: true, format: .bf16)),
            Workload(
                "smollm2-135m prefill, GQA", Attention.self,
                Attention.Problem(heads: 9, kvHeads: 3, queries: 512, keys: 512, dim: 64, causal: true)),
            Workload(
                "smollm2-135m decode, GQA", Attention.self,
                Attention.Problem(heads: 9, kvHeads: 3, queries: 1, keys: 8192, dim: 64, causal: true)),
            Workload(
                "minilm full", Attention.self,
                Attention.Problem(heads: 12, kvHeads: 12, queries: 256, keys: 256, dim: 32, causal: false)),
            Workload(
                "llama3-8b prefill, one group", Attention.self,
                Attention.Problem(heads: 4, kvHeads: 1, queries: 512, keys: 512, dim: 128, causal: true)),
            Workload(
                "cross, 77 of text", Attention.self,
                Attention.Problem(heads: 8, kvHeads: 8, queries: 1000, keys: 77, dim: 40, causal: false)),
        ])

    /// Long sequences, where a T×T buffer leaves the caches: what flash-style attention is for.
    static let flash = Suite(
        "flash", "attention over long sequences: tiled with an online softmax against a T×T buffer",
        [
            Workload(
                "two heads, T=1024", Attention.self,
                Attention.Problem(heads: 2, kvHeads: 2, queries: 1024, keys: 1024, dim: 64, causal: true), quick: true),
            Workload(
                "two heads, T=2048", Attention.self,
                Attention.Problem(heads: 2, kvHeads: 2, queries: 2048, keys: 2048, dim: 64, causal: true)),
            Workload(
                "two heads, T=4096", Attention.self,
                Attention.Problem(heads: 2, kvHeads: 2, queries: 4096, keys: 4096, dim: 64, causal: true)),
            Workload(
                "one wide head, T=2048", Attention.self,
                Attention.Problem(heads: 1, kvHeads: 1, queries: 2048, keys: 2048, dim: 128, causal: true)),
            Workload(
                "two heads, full, T=1023", Attention.self,
                Attention.Problem(heads: 2, kvHeads: 2, queries: 1023, keys: 1023, dim: 64, causal: false)),
        ])
}
