import Foundation
public import Refusals

/// Why a model cannot be taken as it is: the file, the field and what would be accepted. One line.
public struct ModelSourceError: Refusal, Equatable {
    public let file: String
    public let field: String
    public let problem: String

    public var description: String { "\(printable(file)): \(printable(field)): \(printable(problem, limit: 400))" }
}

/// A model to be written as GGUF: its metadata and tensors under GGUF's names, from a file of either format.
public struct ModelSource: Sendable {
    public let path: String
    public let metadata: [(key: String, value: GGUFMetadata)]
    public let tensors: [SourceTensor]
    public let alignment: Int
    /// What the user should know about what is left out; one line each.
    public let notes: [String]

    /// Opens a GGUF file, a SafeTensors file with its `config.json` beside it, or the folder of both.
    ///
    /// - Throws: `GGUFError`, `SafeTensorsError` or `ModelSourceError`.
    public static func open(_ path: String) throws -> ModelSource {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            return try HuggingFaceModel(path: path).source()
        }
        if path.hasSuffix(".safetensors") { return try HuggingFaceModel(path: path).source() }
        return try gguf(path)
    }

    private static func gguf(_ path: String) throws -> ModelSource {
        let file = try GGUFFile(path: path)
        if let count = file["split.count"]?.integer, count > 1 {
            throw ModelSourceError(
                file: path, field: "split.count", problem: "is \(count): a file that holds the whole model is accepted")
        }
        return ModelSource(
            path: path, metadata: file.metadata.map { ($0.key, .value($0.value)) },
            tensors: file.tensors.map {
                SourceTensor(
                    name: $0.name, dimensions: $0.dimensions, type: $0.type, file: $0.file, byteRange: $0.byteRange)
            },
            alignment: max(8, file.alignment), notes: [])
    }
}
