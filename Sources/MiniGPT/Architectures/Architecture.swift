internal import Kernels
internal import Programs
internal import Tensors
internal import Weights

/// A kind of model that is understood: how its files describe it, what they call its tensors, and what it computes.
///
/// A file in this folder and a line in `all`; fields of `config.json` that no other has, in ``HuggingFaceConfiguration``. BERT,
/// an encoder, is described beside them and opened by ``EncoderWeights``.
struct Architecture: Sendable {
    /// As GGUF has it, and as the graph is called.
    var name: String
    /// Hugging Face's `model_type`s.
    var modelTypes: [String]
    /// Hugging Face's names of tensors; see ``NameTable``.
    var huggingFaceNames: [String: String]
    /// That all of these may begin with, and a name by which to tell.
    var huggingFacePrefix: (prefix: String, sign: String)
    /// Whether Hugging Face's weights of layers lie as `[inputs][outputs]`.
    var isTransposed = false
    /// - Throws: `LanguageModelError` naming the key that is missing or not understood.
    var gguf: @Sendable (GGUFMetadataReader) throws -> ModelConfiguration
    /// - Throws: `LanguageModelError` naming the field that is missing or not understood.
    var huggingFace: @Sendable (HuggingFaceConfiguration, _ path: String) throws -> ModelConfiguration
    /// What it computes: the graph of a configuration, for weights as a file has them.
    var graph: @Sendable (ModelConfiguration, StoredWeights) -> Graph

    /// Decoders: models that go on with a text. Encoders are ``EncoderConfiguration``'s.
    static let all: [Architecture] = [.llama, .gpt2]

    static func named(_ name: String) -> Architecture? { all.first { $0.name == name } }

    static func ofType(_ modelType: String) -> Architecture? { all.first { $0.modelTypes.contains(modelType) } }
}

/// What a graph depends on beside the configuration: which weights a file has, and how they are stored.
struct StoredWeights {
    private let names: NameTable
    /// By the file's names.
    private let formats: [String: ElementFormat]
    /// Whether the head is the embedding.
    let isTied: Bool

    /// - Parameter isTied: nil: the head is the embedding where the file has no head.
    init(_ source: any WeightSource, _ names: NameTable, isTied: Bool? = nil) {
        self.names = names
        // A format that is not understood is named when the weight is found.
        formats = Dictionary(
            source.names.map { ($0, (try? source.tensor($0))?.element ?? .f32) },
            uniquingKeysWith: { first, _ in first })
        self.isTied = isTied ?? (formats[names.name(of: "output.weight")] == nil)
    }

    /// Whether layers' weights lie as `[inputs][outputs]`.
    var isTransposed: Bool { names.isTransposed }

    /// Nil if the file has no weight of this name.
    func format(_ name: String) -> ElementFormat? { formats[names.name(of: name)] }

    func has(_ name: String) -> Bool { format(name) != nil }
}

extension Graph {
    /// A linear layer by its name, with a bias if the file has one.
    mutating func layer(
        _ name: String, _ x: ValueID, inputs: Int, outputs: Int, _ weights: StoredWeights
    ) -> ValueID {
        let shape = weights.isTransposed ? [inputs, outputs] : [outputs, inputs]
        let matrix = weight(name + ".weight", shape, weights.format(name + ".weight") ?? .f32)
        let bias = weights.format(name + ".bias").map { weight(name + ".bias", [outputs], $0) }
        return linear(x, matrix, bias: bias, transposed: weights.isTransposed, as: name)
    }

    /// A norm by its name, as the configuration has it.
    mutating func norm(
        _ name: String, _ x: ValueID, _ configuration: ModelConfiguration, _ weights: StoredWeights,
        as output: String? = nil
    ) -> ValueID {
        let width = configuration.width
        let gain = weight(name + ".weight", [width], weights.format(name + ".weight") ?? .f32)
        let shift =
            configuration.norm == .layerNorm
            ? weight(name + ".bias", [width], weights.format(name + ".bias") ?? .f32) : nil
        return norm(
            x, configuration.norm, epsilon: configuration.epsilon, gain: gain, shift: shift, as: output ?? name)
    }

    /// The logits of the rows that are drawn.
    mutating func head(
        _ x: ValueID, embedding: ValueID, _ configuration: ModelConfiguration, _ weights: StoredWeights
    ) -> ValueID {
        let drawn = select(x)
        if weights.isTied { return linear(drawn, embedding, bias: nil, as: "logits") }
        let matrix = weight(
            "output.weight", [configuration.vocabulary, configuration.width],
            weights.format("output.weight") ?? .f32)
        let bias = weights.format("output.bias").map { weight("output.bias", [configuration.vocabulary], $0) }
        return linear(drawn, matrix, bias: bias, as: "logits")
    }
}
