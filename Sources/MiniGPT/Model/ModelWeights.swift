internal import Foundation
internal import Kernels
internal import Tensors
public import Weights

/// The weights of a decoder, found by name in a file, of the shapes that its configuration says. Quantised and f32
/// weights stay where they lie in the file until they are packed.
public final class ModelWeights {
    struct NormWeights {
        var gamma: Tensor<Float>
        var beta: Tensor<Float>?
    }

    struct Layer {
        var attentionNorm: NormWeights
        /// Queries, keys and values: one product, or three.
        var projections: [Linear]
        var attentionOut: Linear
        var feedForwardNorm: NormWeights
        /// Gate and up: one product, or two; up alone without a gate.
        var widening: [Linear]
        var down: Linear
    }

    public let path: String
    public let configuration: ModelConfiguration
    let embedding: StoredTensor
    let positions: Tensor<Float>?
    let layers: [Layer]
    let finalNorm: NormWeights
    let head: Linear
    /// Whether the head is the embedding.
    public let isTied: Bool
    /// Where the file's bytes lie, if they are mapped.
    let mapping: MappedFile?
    /// Steps of training behind it, where the file says.
    public let trainingSteps: Int?
    /// Whether linear layers have biases.
    public let hasBiases: Bool
    /// The file, where it is GGUF: it may hold a tokenizer.
    public let gguf: GGUFFile?

    /// Opens a model: a GGUF file, a SafeTensors file with `config.json` beside it or the folder of both, or a model in
    /// JSON.
    public convenience init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LanguageModelError("\(path): there is no such file")
        }
        if isFolder.boolValue {
            try self.init(huggingFace: path + "/model.safetensors")
        } else if path.hasSuffix(".safetensors") {
            try self.init(huggingFace: path)
        } else if path.hasSuffix(".json") {
            let file = try JSONWeights(path: path)
            try self.init(
                file, try ModelConfiguration(file.configuration, path: path),
                .gpt2(prefix: "transformer.", transposed: false), gguf: nil, isTied: nil, steps: nil)
        } else {
            let file = try GGUFFile(path: path)
            try self.init(
                file, try ModelConfiguration(gguf: file), .gguf, gguf: file, isTied: nil,
                steps: file["training.step"]?.integer)
        }
    }

    private convenience init(huggingFace path: String) throws {
        let file = try SafeTensorsFile(path: path)
        let beside = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("config.json").path
        guard let data = FileManager.default.contents(atPath: beside) else {
            throw LanguageModelError("\(beside): there is no such file; a SafeTensors model needs its config.json")
        }
        let description = try HuggingFaceConfiguration.read(beside, data)
        let configuration = try ModelConfiguration(description, path: beside)
        let names: TensorNames
        if configuration.architecture == "gpt2" {
            let prefix = file.tensor(named: "transformer.wte.weight") == nil ? "" : "transformer."
            names = .gpt2(prefix: prefix, transposed: true)
        } else {
            names = .llama(prefix: file.tensor(named: "model.embed_tokens.weight") == nil ? "" : "model.")
        }
        try self.init(
            file, configuration, names, gguf: nil, isTied: description.hasTiedHead,
            steps: file.metadata["training.step"].flatMap { Int($0) })
    }

    /// - Parameter isTied: whether the head is the embedding; nil: it is where the file has no head.
    private init(
        _ source: any WeightSource, _ configuration: ModelConfiguration, _ names: TensorNames, gguf: GGUFFile?,
        isTied: Bool?, steps: Int?
    ) throws(LanguageModelError) {
        let reader = WeightReader(source: source, transposed: names.transposed)
        let (width, heads) = (configuration.width, configuration.heads)
        path = source.path
        self.configuration = configuration
        self.gguf = gguf
        trainingSteps = steps
        mapping = source.mapping
        embedding = try reader.stored(names.embedding + ".weight", [configuration.vocabulary, width])
        positions =
            configuration.positions == .learned
            ? try reader.stored(names.positions + ".weight", [configuration.context, width]).widened() : nil
        let sizes = [heads.heads * heads.dim, heads.kvHeads * heads.dim, heads.kvHeads * heads.dim]
        var layers: [Layer] = []
        for layer in 0..<configuration.layers {
            func name(_ part: TensorNames.Part) -> String { names.layer(layer, part) }
            var projections: [Linear]
            if try source.tensor(name(.fused) + ".weight") != nil {
                projections = [try reader.linear(name(.fused), inputs: width, outputs: sizes.reduce(0, +))]
            } else {
                projections = try reader.joined(
                    "\(name(.query)),k,v", [name(.query), name(.key), name(.value)], inputs: width, outputs: sizes)
            }
            let hidden = configuration.hidden
            let widening =
                configuration.feedForward == .swiGLU
                ? try reader.joined(
                    "\(name(.gate)),up", [name(.gate), name(.up)], inputs: width, outputs: [hidden, hidden])
                : [try reader.linear(name(.up), inputs: width, outputs: hidden)]
            layers.append(
                Layer(
                    attentionNorm: try reader.norm(name(.attentionNorm), configuration),
                    projections: projections,
                    attentionOut: try reader.linear(name(.attentionOut), inputs: sizes[0], outputs: width),
                    feedForwardNorm: try reader.norm(name(.feedForwardNorm), configuration), widening: widening,
                    down: try reader.linear(name(.down), inputs: hidden, outputs: width)))
        }
        self.layers = layers
        hasBiases = layers.contains { $0.down.bias != nil }
        finalNorm = try reader.norm(names.finalNorm, configuration)
        let hasHead = source.names.contains(names.head + ".weight")
        self.isTied = isTied ?? !hasHead
        if !self.isTied {
            let upright = WeightReader(source: source, transposed: false)
            head = try upright.linear(names.head, inputs: width, outputs: configuration.vocabulary)
            reader.taken.names.formUnion(upright.taken.names)
        } else {
            head = try WeightReader.linear("head", [embedding], bias: nil, transposed: false)
        }
        // A tensor that no layer reads is arithmetic that is not done.
        let ignored = names.buffers + (self.isTied ? [names.head + ".weight"] : [])
        for name in source.names where !reader.taken.names.contains(name) && !ignored.contains(where: name.hasSuffix) {
            throw LanguageModelError(
                "\(source.path): nothing reads the tensor \(name): not a \(configuration.architecture) of "
                    + "\(configuration.layers) layers as it is known here")
        }
    }

    private var linears: [Linear] {
        layers.flatMap { $0.projections + [$0.attentionOut] + $0.widening + [$0.down] } + [head]
    }

    /// Bytes of all weights as they were packed.
    public var packedBytes: Int { linears.reduce(0) { $0 + $1.packedBytes } }

    /// Numbers of the model.
    public var parameterCount: Int { configuration.parameters(tied: isTied, biases: hasBiases) }
}

/// Finds tensors by name, checks their shapes, makes layers of them.
struct WeightReader {
    var source: any WeightSource
    /// Linear weights lie as [inputs][outputs].
    var transposed: Bool
    /// What was read so far.
    let taken = Taken()

    final class Taken { var names: Set<String> = [] }

    func stored(_ name: String, _ shape: [Int]) throws(LanguageModelError) -> StoredTensor {
        taken.names.insert(name)
        guard let tensor = try source.tensor(name) else {
            throw LanguageModelError("\(source.path): the tensor \(name) is missing")
        }
        guard tensor.shape == shape else {
            throw LanguageModelError("\(source.path): \(name) has the shape \(tensor.shape); \(shape) is expected")
        }
        return tensor
    }

    func norm(_ name: String, _ configuration: ModelConfiguration) throws(LanguageModelError)
        -> ModelWeights.NormWeights
    {
        let width = configuration.width
        let gamma = try stored(name + ".weight", [width]).widened()
        guard configuration.norm == .layerNorm else { return ModelWeights.NormWeights(gamma: gamma, beta: nil) }
        return ModelWeights.NormWeights(gamma: gamma, beta: try stored(name + ".bias", [width]).widened())
    }

    func bias(_ name: String, _ outputs: Int) throws(LanguageModelError) -> Tensor<Float>? {
        guard try source.tensor(name + ".bias") != nil else { return nil }
        return try stored(name + ".bias", [outputs]).widened()
    }

    private func weights(_ name: String, _ inputs: Int, _ outputs: Int) throws(LanguageModelError) -> StoredTensor {
        try stored(name + ".weight", transposed ? [inputs, outputs] : [outputs, inputs])
    }

    func linear(_ name: String, inputs: Int, outputs: Int) throws(LanguageModelError) -> Linear {
        let tensor = try weights(name, inputs, outputs)
        return try Self.linear(name, [tensor], bias: try bias(name, outputs), transposed: transposed)
    }

    /// Layers that read the same input, as one where their weights are stored alike, else as they are.
    func joined(
        _ name: String, _ names: [String], inputs: Int, outputs: [Int]
    ) throws(LanguageModelError) -> [Linear] {
        var tensors: [StoredTensor] = []
        var biases: [Tensor<Float>?] = []
        for (part, count) in zip(names, outputs) {
            tensors.append(try weights(part, inputs, count))
            biases.append(try bias(part, count))
        }
        let present = biases.compactMap { $0 }
        guard !transposed, Set(tensors.map(\.element)).count == 1, present.isEmpty || present.count == names.count
        else {
            var linears: [Linear] = []
            for (index, tensor) in tensors.enumerated() {
                linears.append(
                    try Self.linear(names[index], [tensor], bias: biases[index], transposed: transposed))
            }
            return linears
        }
        let bias = present.isEmpty ? nil : Tensor<Float>([outputs.reduce(0, +)], present.flatMap { Array($0.values) })
        return [try Self.linear(name, tensors, bias: bias, transposed: false)]
    }

    /// A layer of weights that lie one under another.
    static func linear(
        _ name: String, _ tensors: [StoredTensor], bias: Tensor<Float>?, transposed: Bool
    ) throws(LanguageModelError) -> Linear {
        let first = tensors[0]
        var (bytes, owner) = (first.bytes, first.owner)
        let isAligned = UInt(bitPattern: first.bytes.baseAddress) % 4 == 0
        let element = first.element
        let storage: Linear.Storage
        switch element {
        case .f32: storage = .f32(transposed: transposed)
        case .bf16 where !transposed: storage = .bf16
        case .bf16, .f16: storage = .f32(transposed: transposed)
        case .quantized(let format): storage = .quantized(format)
        }
        let isWidened = element == .f16 || element == .bf16 && transposed
        if isWidened || tensors.count > 1 || !isAligned {
            let sizes = tensors.map { isWidened ? $0.count * 4 : $0.bytes.count }
            let together = Tensor<UInt8>([sizes.reduce(0, +)])
            var offset = 0
            for (tensor, size) in zip(tensors, sizes) {
                let place = UnsafeMutableRawPointer(together.pointer) + offset
                if isWidened {
                    tensor.write(
                        0..<tensor.rows, to: place.bindMemory(to: Float.self, capacity: tensor.count))
                } else if let base = tensor.bytes.baseAddress {
                    place.copyMemory(from: base, byteCount: size)
                }
                offset += size
            }
            (bytes, owner) = (UnsafeRawBufferPointer(together.values), together)
        }
        let rows = tensors.reduce(0) { $0 + $1.rows }
        return Linear(
            name, inputs: transposed ? rows : first.columns, outputs: transposed ? first.columns : rows,
            storage: storage, bias: bias, bytes: bytes, owner: owner)
    }
}
