internal import Foundation
internal import Tensors
internal import Weights

/// A tensor of a model's file, whichever file it is: row-major bytes where they lie.
struct StoredTensor {
    enum Element: Hashable {
        case f32, f16, bf16
        case quantized(QuantizationFormat)
    }

    var name: String
    /// Sizes, the contiguous one last.
    var shape: [Int]
    var element: Element
    var bytes: UnsafeRawBufferPointer
    /// Keeps the bytes alive.
    var owner: AnyObject

    var columns: Int { shape.last ?? 1 }
    var rows: Int { shape.dropLast().reduce(1, *) }
    var count: Int { shape.reduce(1, *) }

    /// All values in f32, in memory of their own.
    func widened() -> Tensor<Float> {
        let tensor = Tensor<Float>(shape)
        write(0..<rows, to: tensor.pointer)
        return tensor
    }

    /// The values of some rows, one row after another.
    func write(_ rows: Range<Int>, to out: UnsafeMutablePointer<Float>) {
        let (first, count) = (rows.lowerBound * columns, rows.count * columns)
        switch element {
        case .f32:
            for i in 0..<count { out[i] = bytes.loadUnaligned(fromByteOffset: (first + i) * 4, as: Float.self) }
        case .f16:
            for i in 0..<count {
                out[i] = Float(bytes.loadUnaligned(fromByteOffset: (first + i) * 2, as: Float16.self))
            }
        case .bf16:
            for i in 0..<count {
                out[i] = BFloat16(bits: bytes.loadUnaligned(fromByteOffset: (first + i) * 2, as: UInt16.self)).float
            }
        case .quantized(let format):
            let stride = format.bytes(columns: columns)
            for row in rows {
                format.dequantize(
                    UnsafeRawBufferPointer(rebasing: bytes[row * stride..<(row + 1) * stride]),
                    into: UnsafeMutableBufferPointer(start: out + (row - rows.lowerBound) * columns, count: columns))
            }
        }
    }
}

/// A file of weights: tensors by name.
protocol WeightSource {
    var path: String { get }
    /// Of all tensors.
    var names: [String] { get }
    /// Where the bytes lie, if they are mapped.
    var mapping: MappedFile? { get }
    /// Nil if there is none of this name.
    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor?
}

extension GGUFFile: WeightSource {
    var path: String { file.path }
    var names: [String] { tensors.map(\.name) }
    var mapping: MappedFile? { file }

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let tensor = tensor(named: name) else { return nil }
        let element: StoredTensor.Element
        switch tensor.type {
        case .f32: element = .f32
        case .f16: element = .f16
        case .bf16: element = .bf16
        default:
            guard let format = QuantizationFormat(ggufType: tensor.type.id) else {
                throw LanguageModelError(
                    "\(path): \(name) is stored as \(tensor.type); "
                        + "F32, F16, BF16, Q8_0, Q4_0, Q4_1 and Q4_K are accepted")
            }
            element = .quantized(format)
        }
        return StoredTensor(
            name: name, shape: tensor.dimensions.reversed(), element: element,
            bytes: UnsafeRawBufferPointer(rebasing: file.bytes[tensor.byteRange]), owner: file)
    }
}

extension SafeTensorsFile: WeightSource {
    var path: String { file.path }
    var names: [String] { tensors.map(\.name) }
    var mapping: MappedFile? { file }

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let tensor = tensor(named: name) else { return nil }
        let elements: [SafeTensorsType: StoredTensor.Element] = [.f32: .f32, .f16: .f16, .bf16: .bf16]
        guard let element = elements[tensor.type] else {
            throw LanguageModelError(
                "\(path): \(name) is stored as \(tensor.type.rawValue); F32, F16 and BF16 are accepted")
        }
        return StoredTensor(
            name: name, shape: tensor.shape, element: element,
            bytes: UnsafeRawBufferPointer(rebasing: file.bytes[tensor.byteRange]), owner: file)
    }
}

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
    var mapping: MappedFile? { nil }

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

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let entry = entries[name] else { return nil }
        let count = entry.shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
        guard entry.dtype == "torch.float32", let data = Data(base64Encoded: entry.data),
            entry.shape.allSatisfy({ $0 > 0 }), data.count == count * 4
        else { throw LanguageModelError("\(path): \(name): base64 of \(entry.shape) torch.float32 values is expected") }
        let tensor = Tensor<Float>(entry.shape)
        _ = data.copyBytes(to: UnsafeMutableRawBufferPointer(tensor.values))
        return StoredTensor(
            name: name, shape: entry.shape, element: .f32, bytes: UnsafeRawBufferPointer(tensor.values), owner: tensor)
    }
}
