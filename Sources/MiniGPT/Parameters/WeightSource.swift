internal import Foundation
internal import Programs
internal import Tensors
internal import Weights

/// A file of weights: tensors by name.
protocol WeightSource {
    var path: String { get }
    /// Of all tensors.
    var names: [String] { get }
    /// Nil if there is none of this name.
    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor?
    /// What was read from a mapped file may leave memory: most of it is not read again.
    func letGo()
}

extension GGUFFile: WeightSource {
    var path: String { file.path }
    var names: [String] { tensors.map(\.name) }

    func letGo() { file.letGo() }

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let tensor = tensor(named: name) else { return nil }
        let element: ElementFormat
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

    func letGo() { file.letGo() }

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? {
        guard let tensor = tensor(named: name) else { return nil }
        let elements: [SafeTensorsType: ElementFormat] = [.f32: .f32, .f16: .f16, .bf16: .bf16]
        guard let element = elements[tensor.type] else {
            throw LanguageModelError(
                "\(path): \(name) is stored as \(tensor.type.rawValue); F32, F16 and BF16 are accepted")
        }
        return StoredTensor(
            name: name, shape: tensor.shape, element: element,
            bytes: UnsafeRawBufferPointer(rebasing: file.bytes[tensor.byteRange]), owner: file)
    }
}

/// A model in several SafeTensors files, as a large one is saved.
struct ShardedWeights: WeightSource {
    /// Of the folder.
    let path: String
    private let files: [String: SafeTensorsFile]

    /// - Parameter paths: of the shards, which share no name.
    init(_ paths: [String], folder: String) throws {
        var files: [String: SafeTensorsFile] = [:]
        for path in paths {
            let file = try SafeTensorsFile(path: path)
            for tensor in file.tensors {
                guard files.updateValue(file, forKey: tensor.name) == nil else {
                    throw LanguageModelError("\(path): \(tensor.name) is in another shard, too")
                }
            }
        }
        path = folder
        self.files = files
    }

    var names: [String] { files.keys.sorted() }

    func tensor(_ name: String) throws(LanguageModelError) -> StoredTensor? { try files[name]?.tensor(name) }

    func letGo() { for file in files.values { file.letGo() } }
}
