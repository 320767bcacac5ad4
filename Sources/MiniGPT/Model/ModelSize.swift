internal import Kernels
internal import Programs
internal import Weights

/// What a decoder takes, from its shape alone.
public struct ModelSize: Sendable, Codable, Equatable {
    public var name: String
    public var parameters: Int
    /// Of a token at the position `tokens`; a multiply-add counts two.
    public var operationsPerToken: Double
    public var f32Bytes: Int
    public var bf16Bytes: Int
    /// All of the weights at 5 bits.
    public var q4Bytes: Int
    /// Keys and values of `tokens` tokens in f32.
    public var cacheBytes: Int

    public init(_ name: String, _ shape: ModelConfiguration, isTied: Bool, hasBiases: Bool, tokens: Int) {
        self.name = name
        parameters = shape.parameters(tied: isTied, biases: hasBiases)
        operationsPerToken = Double(shape.operations(position: tokens - 1))
        f32Bytes = 4 * parameters
        bf16Bytes = 2 * parameters
        q4Bytes = parameters * 5 / 8
        cacheBytes = 4 * shape.cachedValues * tokens
    }

    public init(_ weights: ModelWeights, tokens: Int) {
        self.init(
            weights.name, weights.configuration, isTied: weights.isTied, hasBiases: weights.hasBiases, tokens: tokens)
    }

    /// Shapes that are talked about: GPT-2's four, and SmolLM2's smallest.
    public static func presets(tokens: Int) -> [ModelSize] {
        let gpt2 =
            [("tiny", 4, 4, 128), ("gpt2", 12, 12, 768), ("gpt2-medium", 24, 16, 1024)]
            + [("gpt2-large", 36, 20, 1280), ("gpt2-xl", 48, 25, 1600)]
        var sizes = gpt2.map { name, layers, heads, width in
            ModelSize(
                name,
                ModelConfiguration(
                    architecture: "gpt2", vocabulary: 50257, context: 1024, layers: layers, width: width,
                    heads: HeadLayout(heads: heads, kvHeads: heads, dim: width / heads), hidden: 4 * width,
                    norm: .layerNorm, epsilon: 1e-5, positions: .learned, feedForward: .plain(.geluTanh)),
                isTied: true, hasBiases: true, tokens: tokens)
        }
        sizes.append(
            ModelSize(
                "smollm2-135m",
                ModelConfiguration(
                    architecture: "llama", vocabulary: 49152, context: 8192, layers: 30, width: 576,
                    heads: HeadLayout(heads: 9, kvHeads: 3, dim: 64), hidden: 1536, norm: .rmsNorm, epsilon: 1e-5,
                    positions: .rotary(Rotary(base: 100_000, rotated: 64, halves: false, scale: 1)),
                    feedForward: .swiGLU),
                isTied: true, hasBiases: false, tokens: tokens))
        return sizes
    }
}

extension ModelWeights {
    /// What the file calls the model, or the file's own name.
    public var name: String {
        gguf?["general.name"]?.string ?? path.split(separator: "/").last.map(String.init) ?? path
    }
}
