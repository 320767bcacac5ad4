public import Tensors

/// The number format of a product's inputs; sums and outputs are always f32.
public enum NumberFormat: String, Codable, Sendable, CaseIterable {
    case f32
    /// The upper half of an f32 (`BFloat16`).
    case bf16

    /// Bytes of a value.
    public var bytes: Int { self == .f32 ? 4 : 2 }
}

/// A row-major input matrix in one of the formats.
public enum Matrix {
    case f32(Tensor<Float>)
    case bf16(Tensor<BFloat16>)

    /// The values of `tensor`, rounded to `format`.
    init(_ tensor: Tensor<Float>, as format: NumberFormat, placement: Placement) {
        switch format {
        case .f32: self = .f32(tensor)
        case .bf16:
            let rounded = Tensor<BFloat16>(tensor.shape, placement: placement)
            for index in 0..<tensor.count { rounded[index] = BFloat16(tensor[index]) }
            self = .bf16(rounded)
        }
    }

    public var bytes: Int {
        switch self {
        case .f32(let tensor): tensor.bytes
        case .bf16(let tensor): tensor.bytes
        }
    }

    var address: UnsafeRawPointer {
        switch self {
        case .f32(let tensor): UnsafeRawPointer(tensor.pointer)
        case .bf16(let tensor): UnsafeRawPointer(tensor.pointer)
        }
    }

    /// `count` values from `start` on, `stride` apart.
    func values(from start: Int, stride: Int, count: Int) -> [Double] {
        switch self {
        case .f32(let tensor): (0..<count).map { Double(tensor[start + $0 * stride]) }
        case .bf16(let tensor): (0..<count).map { Double(tensor[start + $0 * stride].float) }
        }
    }

    /// All values as f32; `copy` is written only where they are stored otherwise.
    func widened(into copy: Tensor<Float>?) -> UnsafePointer<Float> {
        switch self {
        case .f32(let tensor): widened(from: 0, count: tensor.count, into: copy)
        case .bf16(let tensor): widened(from: 0, count: tensor.count, into: copy)
        }
    }

    /// `count` values from `start` on as f32; `copy` is written only where they are stored otherwise.
    func widened(from start: Int, count: Int, into copy: Tensor<Float>?) -> UnsafePointer<Float> {
        switch (self, copy) {
        case (.f32(let tensor), _): return UnsafePointer(tensor.pointer + start)
        case (.bf16(let tensor), let copy?):
            let values = copy.pointer
            let stored = tensor.pointer + start
            for index in 0..<count { values[index] = stored[index].float }
            return UnsafePointer(values)
        case (.bf16, nil): preconditionFailure("bf16 values need room to be widened into")
        }
    }
}
