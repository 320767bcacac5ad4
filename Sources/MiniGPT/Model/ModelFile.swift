public import Foundation
internal import Weights

/// A model's file as a list shows it: read from its head alone.
///
/// What training left behind is `training.step` and `training.loss` of a GGUF file's metadata, or of the free notes of a
/// SafeTensors file. Models from elsewhere have neither.
public struct ModelFile: Sendable, Codable, Equatable {
    public var name: String
    public var path: String
    public var architecture: String
    public var parameters: Int
    public var bytes: Int
    public var modified: Date
    public var step: Int?
    public var loss: Double?

    public init(
        name: String, path: String, architecture: String, parameters: Int, bytes: Int, modified: Date,
        step: Int? = nil, loss: Double? = nil
    ) {
        self.name = name
        self.path = path
        self.architecture = architecture
        self.parameters = parameters
        self.bytes = bytes
        self.modified = modified
        self.step = step
        self.loss = loss
    }

    /// - Parameter path: a GGUF file, or a SafeTensors file.
    /// - Throws: `GGUFError` or `SafeTensorsError` for a file that is none.
    public init(path: String) throws {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let url = URL(fileURLWithPath: path)
        self.path = path
        name = url.deletingPathExtension().lastPathComponent
        bytes = attributes[.size] as? Int ?? 0
        modified = attributes[.modificationDate] as? Date ?? .distantPast
        if url.pathExtension == "safetensors" {
            let file = try SafeTensorsFile(path: path)
            // The name of the file says nothing where every model's is the same.
            if name == "model" { name = url.deletingLastPathComponent().lastPathComponent }
            architecture = file.metadata["architecture"] ?? Self.modelType(beside: url) ?? "safetensors"
            parameters = file.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
            step = file.metadata["training.step"].flatMap { Int($0) }
            loss = file.metadata["training.loss"].flatMap { Double($0) }
        } else {
            let file = try GGUFFile(path: path)
            architecture = file["general.architecture"]?.string ?? "unknown"
            parameters = file.tensors.reduce(0) { $0 + $1.elementCount }
            step = file["training.step"]?.integer
            loss = file["training.loss"]?.number
        }
    }

    /// What `config.json` in the same folder calls the model.
    private static func modelType(beside file: URL) -> String? {
        struct Head: Decodable { var model_type: String }
        let configuration = file.deletingLastPathComponent().appendingPathComponent("config.json")
        return try? JSONDecoder().decode(Head.self, from: Data(contentsOf: configuration)).model_type
    }

    /// The models under some folders, by path. A file that is none is left out.
    public static func all(in folders: [URL]) -> [ModelFile] {
        var found: [String: ModelFile] = [:]
        for folder in folders {
            let files = FileManager.default.enumerator(
                at: folder, includingPropertiesForKeys: nil, options: [.skipsHiddenFiles])
            while let file = files?.nextObject() as? URL {
                guard ["gguf", "safetensors"].contains(file.pathExtension) else { continue }
                let path = file.resolvingSymlinksInPath().path
                if let model = try? ModelFile(path: path) { found[path] = model }
            }
        }
        return found.values.sorted { $0.path < $1.path }
    }
}

/// Which of some models are meant.
public struct ModelFilter: Sendable, Equatable {
    /// Part of a name, whatever its case; `*` stands for any text, and then the whole name has to match.
    public var namePattern: String?
    public var maximumLoss: Double?
    public var minimumStep: Int?
    /// Only the one of the lowest loss.
    public var best = false
    /// Only the one of the most steps, or where none has steps, the newest file. With `best`, of equals.
    public var latest = false

    public init() {}

    /// The models that pass. One whose loss or step is not known passes no filter that asks for it.
    public func applied(to models: [ModelFile]) -> [ModelFile] {
        var left = models.filter { model in
            if let namePattern, !Self.matches(model.name, namePattern) { return false }
            if let maximumLoss, !(model.loss.map { $0 <= maximumLoss } ?? false) { return false }
            if let minimumStep, !(model.step.map { $0 >= minimumStep } ?? false) { return false }
            return true
        }
        if best {
            left = left.filter { $0.loss != nil && !($0.loss?.isNaN ?? true) }
            let lowest = left.compactMap(\.loss).min()
            left = left.filter { $0.loss == lowest }
        }
        if latest {
            let most = left.compactMap(\.step).max()
            if most != nil { left = left.filter { $0.step == most } }
            let newest = left.map(\.modified).max()
            left = left.filter { $0.modified == newest }
        }
        return best || latest ? Array(left.prefix(1)) : left
    }

    static func matches(_ name: String, _ pattern: String) -> Bool {
        let (name, pattern) = (name.lowercased(), pattern.lowercased())
        guard pattern.contains("*") else { return name.contains(pattern) }
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let last = parts.last, name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}
