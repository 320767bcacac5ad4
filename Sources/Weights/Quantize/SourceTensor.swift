import Foundation
import Tensors

/// A tensor of a file of weights, whatever the file's format, whose rows can be read as `Float`.
public struct SourceTensor: Sendable {
    /// How its numbers are stored.
    enum Storage: Equatable {
        case f32, f16, bf16, f64
        case block(QuantizationFormat)
        case wider(FiveAndSixBits)
        /// A type without a decoder here: can only be copied.
        case opaque
    }

    /// Where row `r` of the tensor lies in the file's matrix.
    enum Arrangement: Equatable {
        case asStored
        /// The file's matrix is the transposed one.
        case transposed
        /// Rows of rotated heads of this length: the file has each head's first halves of the pairs, then the second
        /// ones; GGUF has them side by side.
        case pairedHalves(headLength: Int)
    }

    /// The name that GGUF gives it.
    public let name: String
    /// Sizes, the contiguous one first.
    public let dimensions: [Int]
    /// Its GGUF type as stored.
    public let type: GGUFType
    let storage: Storage
    let arrangement: Arrangement
    let file: MappedFile
    let byteRange: Range<Int>

    init(
        name: String, dimensions: [Int], type: GGUFType, arrangement: Arrangement = .asStored, file: MappedFile,
        byteRange: Range<Int>
    ) {
        self.name = name
        self.dimensions = dimensions
        self.type = type
        self.arrangement = arrangement
        self.file = file
        self.byteRange = byteRange
        storage =
            switch type {
            case .f32: .f32
            case .f16: .f16
            case .bf16: .bf16
            case .f64: .f64
            default:
                if let format = QuantizationFormat(ggufType: type.id) {
                    .block(format)
                } else {
                    FiveAndSixBits(rawValue: type.name).map { .wider($0) } ?? .opaque
                }
            }
    }

    public var columns: Int { dimensions[0] }
    public var rows: Int { dimensions.dropFirst().reduce(1, *) }
    public var byteCount: Int { byteRange.count }
    /// Whether its rows can be read.
    public var isReadable: Bool { storage != .opaque }

    /// Whether its numbers were rounded to a block format before.
    public var isQuantized: Bool { type.blockSize > 1 }

    /// Reads rows, widened to `Float`; f64 is rounded.
    ///
    /// - Precondition: `isReadable`, and room for the rows.
    func read(_ range: Range<Int>, into out: UnsafeMutableBufferPointer<Float>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows && out.count >= range.count * columns)
        file.withBytes(in: byteRange) { bytes in
            if arrangement == .transposed {
                for column in 0..<columns {
                    for row in range {
                        out[(row - range.lowerBound) * columns + column] = number(bytes, column * rows + row)
                    }
                }
                return
            }
            for row in range {
                let target = UnsafeMutableBufferPointer(
                    rebasing: out[(row - range.lowerBound) * columns..<(row - range.lowerBound + 1) * columns])
                let stored = stored(row)
                let size = columns / type.blockSize * type.bytesPerBlock
                let source = UnsafeRawBufferPointer(rebasing: bytes[stored * size..<(stored + 1) * size])
                if case .block(let format) = storage {
                    format.dequantize(source, into: target)
                } else if case .wider(let format) = storage {
                    for block in 0..<columns / type.blockSize {
                        format.decode(
                            UnsafeRawBufferPointer(
                                rebasing: source[block * type.bytesPerBlock..<(block + 1) * type.bytesPerBlock]),
                            into: UnsafeMutableBufferPointer(
                                rebasing: target[block * type.blockSize..<(block + 1) * type.blockSize]))
                    }
                } else {
                    for column in 0..<columns { target[column] = number(bytes, stored * columns + column) }
                }
            }
        }
    }

    private func stored(_ row: Int) -> Int {
        guard case .pairedHalves(let length) = arrangement else { return row }
        let within = row % length
        return row - within + within % 2 * (length / 2) + within / 2
    }

    @inline(__always)
    private func number(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Float {
        switch storage {
        case .f32:
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
        case .f16: Float(Float16(bitPattern: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)))
        case .bf16: BFloat16(bits: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)).float
        default: Float(Double(bitPattern: bytes.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self)))
        }
    }
}
