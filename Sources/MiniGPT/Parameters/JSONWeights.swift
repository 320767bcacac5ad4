internal import Foundation
internal import Programs
internal import Tensors

/// A model as one JSON file: `config`, and tensors by name with `shape`, `dtype` and base64 `data`.
struct JSONWeights: WeightSource {
    struct Entry: Decodable {
        var shape: [Int]
        var dtype: String
        var data: String
    }

    private struct File: Decodable {
        var entries: [String: Entry] = [:]

        private struct Key: CodingKey {
            var stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            for key in values.allKeys where key.stringValue != "config" {
                entries[key.stringValue] = try values.decode(Entry.self, forKey: key)
            }
        }
    }

    private struct Head: Decodable { var config: HuggingFaceConfiguration }

    let path: String
    let configuration: HuggingFaceConfiguration
    let entries: [String: Entry]
    var names: [String] { entries.keys.sorted() }

    init(path: String) throws(LanguageModelError) {
        self.path = path
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            configuration = try decoder.decode(Head.self, from: data).config
            entries = try JSONDecoder().decode(File.self, from: data).entries
        } catch {
            throw LanguageModelError(
                "\(path): not a model in JSON: config and tensors of shape, dtype and data are expected")
        }
    }

    func letGo() {}

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let entry = entries[name] else { return nil }
        // As many bytes; nil where the product of the sizes is no number.
        let size = entry.shape.reduce(4 as Int?) { product, size in
            product.map { $0.multipliedReportingOverflow(by: size) }.flatMap { $0.overflow ? nil : $0.partialValue }
        }
        guard entry.dtype == "torch.float32", let data = Data(base64Encoded: entry.data),
            entry.shape.allSatisfy({ $0 > 0 }), data.count == size
        else { throw LanguageModelError("\(path): \(name): base64 of \(entry.shape) torch.float32 values is expected") }
        let tensor = Tensor<Float>(entry.shape)
        _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(tensor.values))
        return StoredTensor(
            name: name, shape: entry.shape, element: .f32, bytes: UnsafeRawBufferPointer(tensor.values), owner: tensor)
    }
}
