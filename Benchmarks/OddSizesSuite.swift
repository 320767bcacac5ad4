internal import Kernels
internal import Tensors

extension Suite {
    /// Sizes that fill no vector, no tile and no line of the cache, each beside the round size that it is near to: what is
    /// lost there is a difference between two rows of one run.
    static let oddSizes = Suite(
        "odd-sizes", "sizes around the kernels' vectors and tiles, beside the round ones: every family",
        oddProducts + oddRows + oddAttentions + oddLayers + oddQuantised)

    private static let oddProducts =
        NumberFormat.allCases.flatMap { format in
            [32: [31, 33], 48: [49], 64: [63, 65], 128: [100, 127, 129], 256: [255, 257], 1024: [1000, 1023]].around {
                Workload(
                    "around \($0)³", Matmul.self, Matmul.Problem(m: $1, n: $1, k: $1, format: format),
                    quick: $0 == 64 && format == .f32)
            }
        }
        + [12: [13, 15]].around {
            Workload("rows of a tile", Matmul.self, Matmul.Problem(m: $1, n: 768, k: 768))
        }
        + [32: [33], 64: [65]].around {
            Workload("columns around \($0)", Matmul.self, Matmul.Problem(m: 128, n: $1, k: 128))
        }

    /// Rows of an operand that lies well within the second cache, wherever its pages do.
    private static func oddRowCount(_ columns: Int) -> Int { columns > 256 ? 16 : 64 }

    private static let oddRows =
        [32: [33], 64: [63, 65], 128: [127, 129], 256: [257], 512: [513], 1024: [1000, 1023, 1025]].around {
            Workload("around \($0) columns", Softmax.self, Softmax.Problem(rows: oddRowCount($0), columns: $1))
        }
        + [Norm.Kind.layerNorm, .rmsNorm].flatMap { kind in
            [64: [65], 128: [129], 256: [257], 768: [767, 769], 1024: [1000, 1023, 1025]].around {
                Workload("around \($0) columns", Norm.self, Norm.Problem(kind, rows: oddRowCount($0), columns: $1))
            }
        }

    private static let oddAttentions = NumberFormat.allCases.flatMap { format in
        [32: [33], 64: [63, 65], 128: [127, 129, 145], 1024: [1000, 1023]].around {
            Workload(
                "prefill around \($0)", Attention.self,
                .init(heads: 4, kvHeads: 4, queries: $1, keys: $1, dim: 64, causal: true, format: format))
        }
            + [64: [40, 63, 65, 72, 80], 128: [96, 100, 127, 129]].around {
                Workload(
                    "head of about \($0)", Attention.self,
                    .init(heads: 4, kvHeads: 4, queries: 256, keys: 256, dim: $1, causal: true, format: format))
            }
            + [64: [40, 63, 65, 72, 80], 128: [96, 100, 127, 129, 256]].around {
                Workload(
                    "decode, head of about \($0)", Attention.self,
                    .init(heads: 12, kvHeads: 12, queries: 1, keys: 512, dim: $1, causal: true, format: format))
            }
    }

    private static let oddLayers = [64: [63, 65]].around {
        Workload("around \($0) tokens", FFN.self, FFN.Problem(.geluTanh, tokens: $1, model: 256, hidden: 1024))
    }

    private static let oddQuantised = [QuantizationFormat.q4_1, .q8_0, .int8].flatMap { format in
        [8: [7, 9], 64: [65]].around {
            Workload(
                "around \($0) tokens", QuantizedMatmul.self, .init(format, tokens: $1, inputs: 1024, outputs: 1024))
        }
            + [1024: [1000, 1023, 1025]].around {
                Workload(
                    "around \($0) outputs", QuantizedMatmul.self, .init(format, tokens: 12, inputs: 1024, outputs: $1))
            }
    }
}

extension [Int: [Int]] {
    /// For each round size, the smallest first: it and the odd ones near it, as `make` has them.
    fileprivate func around(_ make: (_ round: Int, _ size: Int) -> Workload) -> [Workload] {
        sorted { $0.key < $1.key }.flatMap { round, odd in ([round] + odd).map { make(round, $0) } }
    }
}
