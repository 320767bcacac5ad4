internal import Kernels
internal import Tensors

extension Suite {
    /// The problems at which the best libraries are strongest, or known to be weak: where `--against` is worth its time.
    /// docs/limits.md holds what was measured on them against what the machine allows.
    static let limits = Suite(
        "limits", "the problems of docs/limits.md: every family where libraries are best, to run with --against",
        products + narrowProducts + halfProducts + rows + functions + attentions + layers + quantised)

    private static let products = [64, 128, 256, 512, 1024, 2048].map { side in
        Workload("square", Matmul.self, Matmul.Problem(m: side, n: side, k: side), quick: side == 128)
    }

    private static let narrowProducts = [
        Workload("gpt2-124m qkv, T=1", Matmul.self, Matmul.Problem(m: 1, n: 2304, k: 768)),
        Workload("gpt2-124m qkv, T=8", Matmul.self, Matmul.Problem(m: 8, n: 2304, k: 768)),
        Workload("gpt2-124m qkv, T=64", Matmul.self, Matmul.Problem(m: 64, n: 2304, k: 768)),
        Workload("gpt2-124m mlp down, T=1", Matmul.self, Matmul.Problem(m: 1, n: 768, k: 3072)),
        Workload("gpt2-124m mlp down, T=512", Matmul.self, Matmul.Problem(m: 512, n: 768, k: 3072)),
        Workload("weights in memory, T=1", Matmul.self, Matmul.Problem(m: 1, n: 8192, k: 4096, transposedB: true)),
        Workload("weights in memory, T=8", Matmul.self, Matmul.Problem(m: 8, n: 8192, k: 4096, transposedB: true)),
        Workload("gpt2-124m lm head, T=8", Matmul.self, Matmul.Problem(m: 8, n: 50257, k: 768, transposedB: true)),
    ]

    private static let halfProducts = [
        Workload("square", Matmul.self, Matmul.Problem(m: 64, n: 64, k: 64, format: .bf16)),
        Workload("square", Matmul.self, Matmul.Problem(m: 1024, n: 1024, k: 1024, format: .bf16)),
        Workload("gpt2-124m qkv, T=8", Matmul.self, Matmul.Problem(m: 8, n: 2304, k: 768, format: .bf16)),
        Workload("gpt2-124m qkv, T=64", Matmul.self, Matmul.Problem(m: 64, n: 2304, k: 768, format: .bf16)),
        Workload(
            "gpt2-124m lm head, T=64", Matmul.self,
            Matmul.Problem(m: 64, n: 50257, k: 768, transposedB: true, format: .bf16)),
    ]

    private static let rows = [
        Workload("one small head", Softmax.self, Softmax.Problem(rows: 64, columns: 64)),
        Workload("square", Softmax.self, Softmax.Problem(rows: 1024, columns: 1024), quick: true),
        Workload("wide", Norm.self, Norm.Problem(.layerNorm, rows: 1024, columns: 3072)),
        Workload("wide", Norm.self, Norm.Problem(.rmsNorm, rows: 1024, columns: 3072)),
    ]

    private static let functions = Elementwise.Function.allCases.map { function in
        Workload("in the second cache", Elementwise.self, Elementwise.Problem(function, count: 65536))
    }

    private static let attentions =
        [128, 1024, 4096].map { length in
            Workload(
                "gpt2-124m prefill", Attention.self,
                .init(heads: 12, kvHeads: 12, queries: length, keys: length, dim: 64, causal: true),
                quick: length == 128)
        }
        + [2048, 8192].map { length in
            Workload(
                "gpt2-124m decode", Attention.self,
                .init(heads: 12, kvHeads: 12, queries: 1, keys: length, dim: 64, causal: true))
        } + [
            Workload(
                "smollm2-135m decode, GQA", Attention.self,
                .init(heads: 9, kvHeads: 3, queries: 1, keys: 8192, dim: 64, causal: true))
        ]

    private static let layers = NumberFormat.allCases.flatMap { format in
        [1, 512].map { tokens in
            Workload(
                "gpt2-124m", FFN.self,
                FFN.Problem(.geluTanh, tokens: tokens, model: 768, hidden: 3072, format: format))
        }
    }

    private static let quantised = [QuantizationFormat.q4_1, .q4_0, .q4_k, .q8_0, .int8].flatMap { format in
        [1, 8, 512].map { tokens in
            Workload(
                "llama3-8b query projection", QuantizedMatmul.self,
                .init(format, tokens: tokens, inputs: 4096, outputs: 4096))
        }
    }
}
