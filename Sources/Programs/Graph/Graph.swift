/// What a model computes, as data: values, and the operations that make one of others.
///
/// A graph says nothing of memory, of kernels or of a machine. A ``Plan`` is made of it for a kind of pass, an
/// ``Executable`` of the plan; a trace, a page or a profile names what it shows by the graph's names.
///
/// Operations stand in an order in which they can be computed. Each value is written once.
public struct Graph: Sendable, Hashable, Codable {
    /// The architecture: `llama`.
    public let name: String
    public private(set) var values: [Value] = []
    public private(set) var operations: [Operation] = []
    /// What a pass is for: logits, or vectors.
    public private(set) var result: ValueID?

    public init(_ name: String) { self.name = name }

    public subscript(_ id: ValueID) -> Value { values[id.index] }

    /// Operations that read a value, by their place.
    public func readers(of id: ValueID) -> [Int] { operations.indices.filter { operations[$0].inputs.contains(id) } }

    // MARK: - Making

    mutating func add(_ value: Value) -> ValueID {
        values.append(value)
        return ValueID(index: values.count - 1)
    }

    /// Appends an operation whose only output has the shape that its rule gives.
    mutating func append(_ kind: Operation.Kind, _ inputs: [ValueID], as name: String) -> ValueID {
        let shapes = kind.shapes(of: inputs.map { self[$0].shape })
        precondition(shapes.count == 1, "\(kind) has \(shapes.count) outputs")
        return append(kind, inputs, as: [name])[0]
    }

    /// Appends an operation with a name for each of its outputs; the first is its own.
    mutating func append(_ kind: Operation.Kind, _ inputs: [ValueID], as names: [String]) -> [ValueID] {
        let shapes = kind.shapes(of: inputs.map { self[$0].shape })
        precondition(shapes.count == names.count, "\(kind): \(names) for \(shapes.count) outputs")
        let outputs = zip(names, shapes).map { name, shape in
            add(Value(name: name, shape: shape, format: .f32, role: .activation))
        }
        operations.append(Operation(name: names[0], kind: kind, inputs: inputs, outputs: outputs))
        return outputs
    }

    mutating func finish(with result: ValueID) { self.result = result }
}

/// A value of a graph, by its place among the values.
public struct ValueID: Sendable, Hashable, Codable {
    public let index: Int

    init(index: Int) { self.index = index }

    public init(from decoder: any Decoder) throws { index = try decoder.singleValueContainer().decode(Int.self) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(index)
    }
}
