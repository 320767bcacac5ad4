import Foundation

/// A model as `transformers` saves it: `config.json`, SafeTensors files, and the tokenizer's files if there are any.
///
/// Llama (`model_type` "llama") and GPT-2 ("gpt2") can be written as GGUF.
struct HuggingFaceModel {
    let folder: String
    private let files: [String]

    /// - Parameter path: a folder with `model.safetensors`, or shards and their `model.safetensors.index.json`; or one
    ///   SafeTensors file.
    init(path: String) throws {
        let found = try HuggingFaceFolder(path: path)
        (folder, files) = (found.path, found.files)
    }

    func source() throws -> ModelSource {
        let config = try JSONObject(path: "\(folder)/config.json")
        let kind = config["model_type"] as? String ?? ""
        let mapping: any HuggingFaceMapping
        switch kind {
        case "llama": mapping = try LlamaMapping(config)
        case "gpt2": mapping = try GPT2Mapping(config)
        default:
            throw config.failure(
                "model_type", "is \"\(kind)\"; llama and gpt2 are converted, any model is accepted as GGUF")
        }
        let tensors = try tensors(mapping)
        guard let vocabulary = tensors.first(where: { $0.name == "token_embd.weight" })?.rows else {
            throw ModelSourceError(file: folder, field: "token_embd.weight", problem: "is not there")
        }
        let tokenizer = try HuggingFaceTokenizer(folder: folder, config: config, vocabulary: vocabulary)
        let name = URL(fileURLWithPath: folder).standardizedFileURL.lastPathComponent
        return ModelSource(
            path: folder,
            metadata: [
                ("general.architecture", .string(mapping.architecture)), ("general.type", .string("model")),
                ("general.name", .string(name)),
            ] + mapping.metadata + [("\(mapping.architecture).vocab_size", .uint32(vocabulary))] + tokenizer.metadata,
            tensors: tensors, alignment: 32, notes: tokenizer.notes)
    }

    /// The tensors under GGUF's names, in the order of the model; each is there, once, with the shape that is due.
    private func tensors(_ mapping: any HuggingFaceMapping) throws -> [SourceTensor] {
        var found: [String: SourceTensor] = [:]
        for path in files {
            let file = try SafeTensorsFile(path: path)
            for tensor in file.tensors {
                func failure(_ problem: String) -> ModelSourceError {
                    ModelSourceError(file: path, field: "tensor \"\(tensor.name)\"", problem: problem)
                }
                guard let place = mapping.place(of: tensor.name) else {
                    if mapping.ignores(tensor.name) { continue }
                    throw failure("is no tensor of a \(mapping.architecture) model")
                }
                guard let due = mapping.shapes[place.name] else { throw failure("belongs to no layer of the model") }
                guard let type = Self.type(tensor.type) else {
                    throw failure("is \(tensor.type.rawValue); F32, F16, BF16 and F64 are accepted")
                }
                var dimensions = Array(tensor.shape.reversed())
                if place.arrangement == .transposed { dimensions.reverse() }
                // The rows of a vocabulary are as many as the file says.
                guard due.count == dimensions.count, zip(due, dimensions).allSatisfy({ $0 == $1 || $0 == 0 && $1 > 0 })
                else {
                    let sizes = place.arrangement == .transposed ? due : due.reversed()
                    let want = sizes.map { $0 == 0 ? "any" : "\($0)" }.joined(separator: " × ")
                    throw failure("has shape \(tensor.shape); \(want) is due")
                }
                guard found[place.name] == nil else { throw failure("is there twice") }
                found[place.name] = SourceTensor(
                    name: place.name, dimensions: dimensions, type: type, arrangement: place.arrangement,
                    file: tensor.file, byteRange: tensor.byteRange)
            }
        }
        for name in mapping.order where found[name] == nil && !mapping.optional.contains(name) {
            throw ModelSourceError(
                file: folder, field: "tensor \"\(name)\"", problem: "is missing (under the name of transformers)")
        }
        return mapping.order.compactMap { found[$0] }
    }

    private static func type(_ type: SafeTensorsType) -> GGUFType? {
        switch type {
        case .f32: .f32
        case .f16: .f16
        case .bf16: .bf16
        case .f64: .f64
        default: nil
        }
    }
}

/// What a tensor of `transformers` is called in GGUF, and how it lies.
protocol HuggingFaceMapping {
    var architecture: String { get }
    var metadata: [(key: String, value: GGUFMetadata)] { get }
    /// GGUF's names, in the order of the file.
    var order: [String] { get }
    /// Sizes by GGUF's name, the contiguous one first; 0 for any.
    var shapes: [String: [Int]] { get }
    /// Names that may be missing.
    var optional: Set<String> { get }
    func place(of name: String) -> (name: String, arrangement: SourceTensor.Arrangement)?
    /// Whether a tensor is a table that can be computed, or a copy of another.
    func ignores(_ name: String) -> Bool
}

/// A JSON file that must be an object.
struct JSONObject {
    let path: String
    let values: [String: Any]

    init(path: String) throws {
        self.path = path
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch {
            throw ModelSourceError(file: path, field: "file", problem: error.problem)
        }
        guard file.count <= 256 << 20 else {
            throw ModelSourceError(file: path, field: "file", problem: "has \(file.count) bytes, above \(256 << 20)")
        }
        let parsed = file.withBytes(in: 0..<file.count) { try? JSONSerialization.jsonObject(with: Data($0)) }
        guard let values = parsed as? [String: Any] else {
            throw ModelSourceError(file: path, field: "file", problem: "is not a JSON object")
        }
        self.values = values
    }

    subscript(key: String) -> Any? { values[key] }

    func failure(_ field: String, _ problem: String) -> ModelSourceError {
        ModelSourceError(file: path, field: field, problem: problem)
    }

    /// A whole number from 1 to 2³¹ − 1.
    func size(_ key: String, default fallback: Int? = nil) throws(ModelSourceError) -> Int {
        if values[key] == nil || values[key] is NSNull, let fallback { return fallback }
        guard let number = number(key), number >= 1, number < 0x1p31, number == number.rounded() else {
            throw failure(key, "must be a whole number from 1 to 2^31-1")
        }
        return Int(number)
    }

    func number(_ key: String) -> Double? { (values[key] as? NSNumber)?.doubleValue }
    func bool(_ key: String) -> Bool? { values[key] as? Bool }
}
