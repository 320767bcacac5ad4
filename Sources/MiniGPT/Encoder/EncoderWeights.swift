internal import Foundation
internal import Kernels
internal import Tensors
public import Weights

/// The weights of an encoder, found by name in a file, of the shapes that its configuration says.
public final class EncoderWeights {
    struct Layer {
        /// Queries, keys and values: one product, or three.
        var projections: [Linear]
        var attentionOut: Linear
        var attentionNorm: ModelWeights.NormWeights
        var up: Linear
        var down: Linear
        var feedForwardNorm: ModelWeights.NormWeights
    }

    public let path: String
    public let configuration: EncoderConfiguration
    let embedding: StoredTensor
    /// A row for each position, with the row of the first type of tokens added: a text by itself has no other.
    let positions: Tensor<Float>
    let norm: ModelWeights.NormWeights
    let layers: [Layer]
    /// Where the file's bytes lie, if they are mapped.
    let mapping: MappedFile?
    /// The file, where it is GGUF: it may hold a tokenizer.
    public let gguf: GGUFFile?

    /// Opens a model: a GGUF file of the architecture `bert`, or a SafeTensors file with `config.json` beside it or the
    /// folder of both.
    ///
    /// - Throws: what the file's reader throws, and `LanguageModelError` for what is missing or not understood.
    public convenience init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LanguageModelError("\(path): there is no such file")
        }
        if isFolder.boolValue || path.hasSuffix(".safetensors") {
            try self.init(huggingFace: isFolder.boolValue ? path + "/model.safetensors" : path)
        } else {
            let file = try GGUFFile(path: path)
            try self.init(file, try EncoderConfiguration(gguf: file), .gguf, gguf: file)
        }
    }

    private convenience init(huggingFace path: String) throws {
        let file = try SafeTensorsFile(path: path)
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let beside = folder.appendingPathComponent("config.json").path
        guard let data = FileManager.default.contents(atPath: beside) else {
            throw LanguageModelError("\(beside): there is no such file; a SafeTensors model needs its config.json")
        }
        let pooling = FileManager.default.contents(atPath: folder.appendingPathComponent("1_Pooling/config.json").path)
        let configuration = try EncoderConfiguration(try .read(beside, data), path: beside, pooling: pooling)
        let hasHead = file.tensor(named: "bert.embeddings.word_embeddings.weight") != nil
        try self.init(file, configuration, .bert(prefix: hasHead ? "bert." : ""), gguf: nil)
    }

    private init(
        _ source: any WeightSource, _ configuration: EncoderConfiguration, _ names: EncoderNames, gguf: GGUFFile?
    ) throws(LanguageModelError) {
        let reader = WeightReader(source: source, transposed: false)
        let shape = configuration.shape
        let (width, hidden) = (shape.width, shape.hidden)
        path = source.path
        self.configuration = configuration
        self.gguf = gguf
        mapping = source.mapping
        embedding = try reader.stored(names.embedding + ".weight", [shape.vocabulary, width])
        positions = try reader.stored(names.positions + ".weight", [shape.context, width]).widened()
        let type = try reader.stored(names.types + ".weight", [configuration.types, width]).widened()
        for index in 0..<positions.count { positions.pointer[index] += type.pointer[index % width] }
        norm = try reader.norm(names.norm, shape)
        var layers: [Layer] = []
        for layer in 0..<shape.layers {
            func name(_ part: EncoderNames.Part) -> String { names.layer(layer, part) }
            layers.append(
                Layer(
                    projections: try reader.joined(
                        "\(name(.query)),key,value", [name(.query), name(.key), name(.value)], inputs: width,
                        outputs: [width, width, width]),
                    attentionOut: try reader.linear(name(.attentionOut), inputs: width, outputs: width),
                    attentionNorm: try reader.norm(name(.attentionNorm), shape),
                    up: try reader.linear(name(.up), inputs: width, outputs: hidden),
                    down: try reader.linear(name(.down), inputs: hidden, outputs: width),
                    feedForwardNorm: try reader.norm(name(.feedForwardNorm), shape)))
        }
        self.layers = layers
    }

    /// Bytes of all weights as they were packed.
    public var packedBytes: Int {
        layers.flatMap { $0.projections + [$0.attentionOut, $0.up, $0.down] }.reduce(0) { $0 + $1.packedBytes }
    }

    /// What goes into the first norm: the rows of the tokens and of their positions.
    func embed(_ tokens: [Int32], into out: UnsafeMutablePointer<Float>) {
        let width = configuration.shape.width
        for (row, token) in tokens.enumerated() {
            let values = out + row * width
            embedding.write(Int(token)..<Int(token) + 1, to: values)
            let position = positions.pointer + row * width
            for i in 0..<width { values[i] += position[i] }
        }
    }
}
