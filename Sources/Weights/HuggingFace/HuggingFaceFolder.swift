public import Foundation

/// Where a model lies as `transformers` saves it: a folder with `config.json` and `model.safetensors`, or shards and their
/// `model.safetensors.index.json`.
public struct HuggingFaceFolder: Sendable {
    public let path: String
    /// SafeTensors files, in the order of their names.
    public let files: [String]

    /// - Parameter path: the folder, or one SafeTensors file in it.
    /// - Throws: `ModelSourceError` if there is none, or the index names files elsewhere.
    public init(path: String) throws {
        guard !path.hasSuffix(".safetensors") else {
            let parent = (path as NSString).deletingLastPathComponent
            self.path = parent.isEmpty ? "." : parent
            files = [path]
            return
        }
        self.path = path
        let index = "\(path)/model.safetensors.index.json"
        let single = "\(path)/model.safetensors"
        if FileManager.default.fileExists(atPath: single) {
            files = [single]
        } else if FileManager.default.fileExists(atPath: index) {
            let shards = try JSONObject(path: index)
            guard let places = shards["weight_map"] as? [String: String] else {
                throw shards.failure("weight_map", "is missing")
            }
            let names = Set(places.values).sorted()
            if let outside = names.first(where: { $0.contains("/") || $0.hasPrefix(".") }) {
                throw shards.failure("weight_map", "names \"\(outside)\"; files of its own folder are accepted")
            }
            files = names.map { "\(path)/\($0)" }
        } else {
            throw ModelSourceError(
                file: path, field: "model.safetensors",
                problem: "is not there; a folder with config.json and model.safetensors, or a GGUF file, is accepted")
        }
    }

    /// A file beside the weights; nil if there is none.
    public func contents(of name: String) -> Data? { FileManager.default.contents(atPath: "\(path)/\(name)") }
}
