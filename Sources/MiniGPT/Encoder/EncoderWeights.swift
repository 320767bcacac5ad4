internal import Foundation
internal import Kernels
public import Programs
internal import Tensors
public import Weights

/// The weights of an encoder, found by name in a file, and the graph of what is computed with them.
public final class EncoderWeights {
    public let path: String
    public let configuration: EncoderConfiguration
    public let graph: Graph
    let parameters: ParameterStore
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
            try self.init(huggingFace: try HuggingFaceFolder(path: path))
        } else {
            let file = try GGUFFile(path: path)
            try self.init(file, try EncoderConfiguration(gguf: file), .gguf, gguf: file)
        }
    }

    private convenience init(huggingFace folder: HuggingFaceFolder) throws {
        let (description, beside) = try folder.description()
        let pooling = folder.contents(of: "1_Pooling/config.json")
        let configuration = try EncoderConfiguration(description, path: beside, pooling: pooling)
        let (source, _) = try folder.open()
        let hasPrefix = source.names.contains("bert.embeddings.word_embeddings.weight")
        try self.init(
            source, configuration, NameTable(names: BERT.huggingFaceNames, prefix: hasPrefix ? "bert." : ""), gguf: nil)
    }

    private init(
        _ source: any WeightSource, _ configuration: EncoderConfiguration, _ names: NameTable, gguf: GGUFFile?
    ) throws(LanguageModelError) {
        path = source.path
        self.configuration = configuration
        self.gguf = gguf
        graph = BERT.graph(configuration, StoredWeights(source, names))
        // What stands behind the last layer, a pooler or a head, is another model's.
        let behind = source.names.filter { !$0.contains("layer.") && !$0.hasPrefix("blk.") }
        parameters = try ParameterStore(source, names, graph, ignoring: behind)
    }

    /// Bytes of all weights as they were packed.
    public var packedBytes: Int { parameters.packedBytes }
}
