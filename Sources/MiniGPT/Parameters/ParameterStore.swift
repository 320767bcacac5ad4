internal import Kernels
internal import Programs
internal import Tensors
internal import Weights

/// The weights of a model's file, by the names of its graph. They stay where they lie in the file until they are packed, but
/// for those that become one product, which are copied together.
final class ParameterStore: Parameters {
    let source: any WeightSource
    private let names: NameTable
    private var tensors: [String: StoredTensor] = [:]
    private var linears: [[String]: Linear] = [:]
    private var vectors: [String: Tensor<Float>] = [:]
    /// Weights that a product reads as `[inputs][outputs]`.
    private var transposed: Set<String> = []

    /// Finds every weight of a graph, of the shape that it says.
    ///
    /// - Parameter ignored: names of tensors of the file that no operation reads.
    /// - Throws: `LanguageModelError` for one that is missing, or of another shape, or that nothing reads.
    init(
        _ source: any WeightSource, _ names: NameTable, _ graph: Graph, ignoring ignored: [String] = []
    ) throws(LanguageModelError) {
        self.source = source
        self.names = names
        var taken: Set<String> = []
        for value in graph.values where value.role == .weight {
            let own = names.name(of: value.name)
            taken.insert(own)
            guard let tensor = try source.tensor(own) else {
                throw LanguageModelError("\(source.path): the tensor \(own) is missing")
            }
            let shape = value.shape.compactMap(\.count)
            guard tensor.shape == shape else {
                throw LanguageModelError("\(source.path): \(own) has the shape \(tensor.shape); \(shape) is expected")
            }
            tensors[value.name] = tensor
        }
        for operation in graph.operations {
            if case .linear(transposed: true) = operation.kind { transposed.insert(graph[operation.inputs[1]].name) }
        }
        // A tensor that no operation reads is arithmetic that is not done.
        for name in source.names
        where !taken.contains(name) && !ignored.contains(name) && !NameTable.buffers.contains(where: name.hasSuffix) {
            throw LanguageModelError(
                "\(source.path): nothing reads the tensor \(name): not a \(graph.name) of its configuration as it is "
                    + "known here")
        }
    }

    /// Bytes of all weights as they were packed.
    var packedBytes: Int { linears.values.reduce(0) { $0 + $1.packedBytes } }

    private func tensor(_ name: String) -> StoredTensor {
        guard let tensor = tensors[name] else { preconditionFailure("the graph has no weight \(name)") }
        return tensor
    }

    func linear(_ weights: [String], biases: [String]) -> Linear {
        if let there = linears[weights] { return there }
        let parts = weights.map(tensor)
        let bias =
            biases.isEmpty
            ? nil : Tensor<Float>([biases.reduce(0) { $0 + vector($1).count }], biases.flatMap { vector($0).values })
        let made = Linear(
            weights.joined(separator: ","), parts, bias: bias, transposed: transposed.contains(weights[0]))
        linears[weights] = made
        return made
    }

    func vector(_ name: String) -> Tensor<Float> {
        if let there = vectors[name] { return there }
        let made = tensor(name).widened()
        vectors[name] = made
        return made
    }

    func table(_ name: String) -> any RowTable { tensor(name) }

    func releaseSources() {
        for linear in linears.values { linear.releaseSource() }
        // What was packed is not read from the file again.
        source.letGo()
    }
}

extension Linear {
    /// A layer of weights that lie one under another.
    fileprivate convenience init(
        _ name: String, _ tensors: [StoredTensor], bias: Tensor<Float>?, transposed: Bool
    ) {
        let first = tensors[0]
        var (bytes, owner) = (first.bytes, first.owner)
        let isAligned = UInt(bitPattern: first.bytes.baseAddress) % 4 == 0
        let storage = Linear.Storage(first.element, transposed: transposed)
        let isWidened = first.element == .f16 || first.element == .bf16 && transposed
        if isWidened || tensors.count > 1 || !isAligned {
            let sizes = tensors.map { isWidened ? $0.count * 4 : $0.bytes.count }
            let together = Tensor<UInt8>([sizes.reduce(0, +)])
            var offset = 0
            for (tensor, size) in zip(tensors, sizes) {
                let place = UnsafeMutableRawPointer(together.pointer) + offset
                if isWidened {
                    tensor.write(0..<tensor.rows, to: place.bindMemory(to: Float.self, capacity: tensor.count))
                } else if let base = tensor.bytes.baseAddress {
                    place.copyMemory(from: base, byteCount: size)
                }
                offset += size
            }
            (bytes, owner) = (UnsafeRawBufferPointer(together.values), together)
        }
        let rows = tensors.reduce(0) { $0 + $1.rows }
        self.init(
            name, inputs: transposed ? rows : first.columns, outputs: transposed ? first.columns : rows,
            storage: storage, bias: bias, bytes: bytes, owner: owner)
    }
}
