internal import CKernels

/// A family's C argument struct as another process needs it: its bytes with no pointer set, and where in it the pointer
/// of each operand belongs.
public struct ArgumentLayout: Sendable {
    public var bytes: [UInt8]
    /// Offsets by the names of `KernelOperands.inputs`: those that the problem has.
    public var inputs: [String: Int]
    /// Names and offsets in the order of `KernelOperands.outputs`: those that the problem has.
    public var outputs: [(name: String, offset: Int)]

    /// Of a family that has no C struct, and that no plugin can be of.
    public static let none = ArgumentLayout(mg_buffers(), inputs: [:], outputs: [])

    /// - Parameter optional: operands that not every problem has, and whether this one does.
    init<Arguments>(
        _ arguments: Arguments, inputs: [String: PartialKeyPath<Arguments>],
        outputs: [(String, PartialKeyPath<Arguments>)], optional: [String: Bool] = [:]
    ) {
        func offset(_ field: PartialKeyPath<Arguments>) -> Int {
            guard let offset = MemoryLayout<Arguments>.offset(of: field) else {
                preconditionFailure("\(Arguments.self) is a C struct: its members lie where they lie")
            }
            return offset
        }
        bytes = withUnsafeBytes(of: arguments) { Array($0) }
        self.inputs = inputs.filter { optional[$0.key] ?? true }.mapValues(offset)
        self.outputs = outputs.filter { optional[$0.0] ?? true }.map { ($0.0, offset($0.1)) }
    }
}
