internal import Foundation
internal import Kernels
public import Programs
internal import Tensors
public import Weights

/// The weights of a decoder, found by name in a file, and the graph of what is computed with them.
public final class ModelWeights {
    public let path: String
    public let configuration: ModelConfiguration
    public let graph: Graph
    let parameters: ParameterStore
    /// Whether the head is the embedding.
    public let isTied: Bool
    /// Steps of training behind it, where the file says.
    public let trainingSteps: Int?
    /// Whether linear layers have biases.
    public let hasBiases: Bool
    /// The file, where it is GGUF: it may hold a tokenizer.
    public let gguf: GGUFFile?

    /// Opens a model: a GGUF file, a SafeTensors file with `config.json` beside it, the folder of both (shards and their
    /// index, too), or a model in JSON.
    ///
    /// - Throws: what the file's reader throws, and `LanguageModelError` for what is missing or not understood.
    public convenience init(path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw LanguageModelError("\(path): there is no such file")
        }
        if isFolder.boolValue || path.hasSuffix(".safetensors") {
            try self.init(huggingFace: try HuggingFaceFolder(path: path))
        } else if path.hasSuffix(".json") {
            let file = try JSONWeights(path: path)
            let architecture = try Architecture.of(file.configuration, path: path)
            // These have all weights as `[outputs][inputs]`, whatever the architecture's own files do.
            var names = architecture.huggingFaceTable(of: file)
            names.isTransposed = false
            try self.init(file, architecture, try architecture.huggingFace(file.configuration, path), names)
        } else {
            let file = try GGUFFile(path: path)
            let architecture = try Architecture.of(file)
            try self.init(
                file, architecture,
                try architecture.gguf(GGUFMetadataReader(file: file, architecture: architecture.name)), .gguf,
                gguf: file, steps: file["training.step"]?.integer)
        }
    }

    private convenience init(huggingFace folder: HuggingFaceFolder) throws {
        let (description, beside) = try folder.description()
        let architecture = try Architecture.of(description, path: beside)
        let (source, notes) = try folder.open()
        try self.init(
            source, architecture, try architecture.huggingFace(description, beside),
            architecture.huggingFaceTable(of: source), isTied: description.hasTiedHead,
            steps: notes["training.step"].flatMap { Int($0) })
    }

    /// - Parameter isTied: whether the head is the embedding; nil: it is where the file has no head.
    private init(
        _ source: any WeightSource, _ architecture: Architecture, _ configuration: ModelConfiguration,
        _ names: NameTable, gguf: GGUFFile? = nil, isTied: Bool? = nil, steps: Int? = nil
    ) throws {
        let stored = StoredWeights(source, names, isTied: isTied)
        path = source.path
        self.configuration = configuration
        self.gguf = gguf
        self.isTied = stored.isTied
        trainingSteps = steps
        graph = architecture.graph(configuration, stored)
        // A tied head is written out by some versions and left out by others.
        parameters = try ParameterStore(
            source, names, graph, ignoring: stored.isTied ? [names.name(of: "output.weight")] : [])
        hasBiases = graph.values.contains { $0.name == "blk.0.ffn_down.bias" }
    }

    /// Bytes of all weights as they were packed.
    public var packedBytes: Int { parameters.packedBytes }

    /// Numbers of the model.
    public var parameterCount: Int { configuration.parameters(tied: isTied, biases: hasBiases) }
}

extension HuggingFaceFolder {
    /// `config.json`, and its path.
    ///
    /// - Throws: `LanguageModelError` if there is none, or it describes no model.
    func description() throws(LanguageModelError) -> (HuggingFaceConfiguration, path: String) {
        let path = "\(path)/config.json"
        guard let data = contents(of: "config.json") else {
            throw LanguageModelError("\(path): there is no such file; a SafeTensors model needs its config.json")
        }
        return (try HuggingFaceConfiguration.read(path, data), path)
    }

    /// The weights, and the free notes of the first file.
    func open() throws -> (any WeightSource, notes: [String: String]) {
        let first = try SafeTensorsFile(path: files[0])
        guard files.count > 1 else { return (first, first.metadata) }
        return (try ShardedWeights(files, folder: path), first.metadata)
    }
}

extension Architecture {
    /// - Throws: `LanguageModelError` for an architecture that is none of a decoder, or not known.
    static func of(_ file: GGUFFile) throws(LanguageModelError) -> Architecture {
        let path = file.file.path
        guard let name = file["general.architecture"]?.string else {
            throw LanguageModelError("\(path): general.architecture is missing: not a language model")
        }
        guard name != "bert" else {
            throw LanguageModelError(
                "\(path): general.architecture is bert, an encoder: mgbench embed takes it")
        }
        guard let known = named(name) else {
            let names = all.map(\.name).joined(separator: " and ")
            throw LanguageModelError("\(path): general.architecture is \(name); \(names) are accepted")
        }
        return known
    }

    /// - Throws: `LanguageModelError` for a `model_type` that is none of a decoder, or not known.
    static func of(_ file: HuggingFaceConfiguration, path: String) throws(LanguageModelError) -> Architecture {
        guard file.modelType != "bert" else {
            throw LanguageModelError("\(path): model_type is bert, an encoder: mgbench embed takes it")
        }
        guard let known = ofType(file.modelType) else {
            let names = all.flatMap(\.modelTypes).sorted()
            throw LanguageModelError(
                "\(path): model_type is \(file.modelType); \(names.dropLast().joined(separator: ", ")) and "
                    + "\(names.last ?? "") are accepted")
        }
        return known
    }

    /// The names of a Hugging Face file, which may begin with a prefix or not.
    func huggingFaceTable(of source: any WeightSource) -> NameTable {
        let prefix = source.names.contains(huggingFacePrefix.sign) ? huggingFacePrefix.prefix : ""
        return NameTable(names: huggingFaceNames, prefix: prefix, isTransposed: isTransposed)
    }
}
