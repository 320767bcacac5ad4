internal import Programs
internal import Tensors
internal import Weights

/// A tensor of a model's file, whichever file it is: row-major bytes where they lie.
struct StoredTensor: RowTable {
    var name: String
    /// Sizes, the contiguous one last.
    var shape: [Int]
    /// f32, f16, bf16, or quantised.
    var element: ElementFormat
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

    func write(row: Int, to out: UnsafeMutablePointer<Float>) { write(row..<row + 1, to: out) }

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
        case .i32, .cache: preconditionFailure("\(name): \(element) is no format of a file")
        }
    }
}
