internal import Tensors

/// One operand that a kernel reads, as another program can read it: a name, a shape, and the bytes as they lie.
public struct KernelInput {
    /// How the values are stored.
    public enum Element: String, Codable, Sendable {
        case f32, bf16
        /// Raw bytes: quantised blocks.
        case bytes
    }

    /// As the family's formula has it, in lower case: `q`, `residual`.
    public var name: String
    public var element: Element
    public var shape: [Int]
    /// Row-major, valid while the operands live.
    public var bytes: UnsafeRawBufferPointer

    init(_ name: String, _ tensor: Tensor<Float>) {
        self.init(name, .f32, tensor.shape, UnsafeRawBufferPointer(tensor.values))
    }

    /// nil where a problem has no such operand.
    init?(_ name: String, _ tensor: Tensor<Float>?) {
        guard let tensor else { return nil }
        self.init(name, tensor)
    }

    init(_ name: String, _ matrix: Matrix) {
        switch matrix {
        case .f32(let tensor): self.init(name, tensor)
        case .bf16(let tensor): self.init(name, .bf16, tensor.shape, UnsafeRawBufferPointer(tensor.values))
        }
    }

    public init(_ name: String, _ element: Element, _ shape: [Int], _ bytes: UnsafeRawBufferPointer) {
        self.name = name
        self.element = element
        self.shape = shape
        self.bytes = bytes
    }
}
