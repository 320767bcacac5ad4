import Foundation
import Tensors

/// Encodes rows of one tensor on all cores. Each part of a wave has its own rows, values and bytes, so the file and
/// the errors do not depend on how many cores there are.
final class RowEncoder {
    private let tensor: SourceTensor
    private let type: GGUFType
    private let format: QuantizationFormat?
    private let rowsPerPart: Int
    private let parts: Int
    private let values: UnsafeMutableBufferPointer<Float>
    private let decoded: UnsafeMutableBufferPointer<Float>
    private let sums: UnsafeMutableBufferPointer<(squares: Double, errors: Double)>
    let bytesPerRow: Int
    /// The encoded rows of the last wave.
    let bytes: UnsafeMutableRawBufferPointer

    init(_ tensor: SourceTensor, as type: GGUFType) {
        self.tensor = tensor
        self.type = type
        format = QuantizationFormat(ggufType: type.id)
        rowsPerPart = max(1, min(tensor.rows, 65_536 / tensor.columns))
        parts = max(1, min(32, (tensor.rows + rowsPerPart - 1) / rowsPerPart))
        bytesPerRow = type.byteCount(of: tensor.columns) ?? 0
        values = .allocate(capacity: parts * rowsPerPart * tensor.columns)
        decoded = .allocate(capacity: parts * rowsPerPart * tensor.columns)
        values.initialize(repeating: 0)
        decoded.initialize(repeating: 0)
        sums = .allocate(capacity: parts)
        sums.initialize(repeating: (0, 0))
        bytes = .allocate(byteCount: parts * rowsPerPart * bytesPerRow, alignment: 64)
    }

    deinit {
        values.deallocate()
        decoded.deallocate()
        sums.deallocate()
        bytes.deallocate()
    }

    var rowsPerWave: Int { parts * rowsPerPart }

    /// Encodes up to `rowsPerWave` rows into `bytes`.
    ///
    /// - Returns: the sum of the values' squares and that of their errors' squares.
    func encode(_ wave: Range<Int>) -> (squares: Double, errors: Double) {
        let count = (wave.count + rowsPerPart - 1) / rowsPerPart
        // Parts touch disjoint slices of the buffers, and the call returns when all have ended.
        nonisolated(unsafe) let encoder = self
        DispatchQueue.concurrentPerform(iterations: count) { part in
            encoder.encode(part, of: wave)
        }
        return sums[0..<count].reduce((0, 0)) { ($0.0 + $1.squares, $0.1 + $1.errors) }
    }

    private func encode(_ part: Int, of wave: Range<Int>) {
        let start = part * rowsPerPart
        let rows = wave.lowerBound + start..<min(wave.upperBound, wave.lowerBound + start + rowsPerPart)
        let span = start * tensor.columns..<(start + rows.count) * tensor.columns
        let x = UnsafeMutableBufferPointer(rebasing: values[span])
        let back = UnsafeMutableBufferPointer(rebasing: decoded[span])
        let out = UnsafeMutableRawBufferPointer(
            rebasing: bytes[start * bytesPerRow..<(start + rows.count) * bytesPerRow])
        tensor.read(rows, into: x)
        if let format {
            format.quantize(UnsafeBufferPointer(x), into: out)
            format.dequantize(UnsafeRawBufferPointer(out), into: back)
        } else if type == .f16 {
            for i in 0..<x.count {
                let half = Float16(x[i])
                out.storeBytes(of: half.bitPattern.littleEndian, toByteOffset: 2 * i, as: UInt16.self)
                back[i] = Float(half)
            }
        } else {
            for i in 0..<x.count {
                out.storeBytes(of: x[i].bitPattern.littleEndian, toByteOffset: 4 * i, as: UInt32.self)
                back[i] = x[i]
            }
        }
        var squares = 0.0
        var errors = 0.0
        for i in 0..<x.count {
            let error = Double(x[i] - back[i])
            squares += Double(x[i]) * Double(x[i])
            errors += error * error
        }
        sums[part] = (squares, errors)
    }
}
