public import Tensors

/// Weights as they are stored: `rows` output features of `columns` input features each, row after row.
///
/// The bytes may belong to someone else, such as a mapped GGUF file; they are never copied, and the owner is kept alive.
public final class QuantizedMatrix: @unchecked Sendable {
    public let format: QuantizationFormat
    public let rows: Int
    public let columns: Int
    /// Raw blocks; `rows × format.bytes(columns:)` of them.
    public let bytes: UnsafeRawBufferPointer
    /// One scale a row, for int8.
    public let scales: Tensor<Float>?
    private let owner: AnyObject

    /// Weights that lie in memory of `owner`.
    ///
    /// - Parameters:
    ///   - bytes: valid, and not written to, while `owner` lives.
    ///   - scales: one a row for int8, nil for the block formats.
    public init(
        _ format: QuantizationFormat, rows: Int, columns: Int, bytes: UnsafeRawBufferPointer,
        scales: Tensor<Float>? = nil, owner: AnyObject
    ) {
        precondition(
            bytes.count == rows * format.bytes(columns: columns),
            "\(format) weights of \(rows)×\(columns) take \(rows * format.bytes(columns: columns)) bytes, not \(bytes.count)"
        )
        precondition(format.hasRowScale == (scales != nil), "\(format): scales are for int8, and int8 needs them")
        precondition(scales.map { $0.count == rows } ?? true, "\(format): one scale for each of \(rows) rows")
        self.format = format
        self.rows = rows
        self.columns = columns
        self.bytes = bytes
        self.scales = scales
        self.owner = owner
    }

    /// Seeded normal weights of deviation 1/√columns, quantised.
    ///
    /// After 61 rows they repeat: a prime, so no tile sees the same row twice at the same place, and large matrices are
    /// made quickly.
    public convenience init(_ format: QuantizationFormat, rows: Int, columns: Int, filling: Filling, operand: UInt64) {
        let distinct = min(rows, 61)
        var weights = filling
        weights.pattern = .ordinary  // stored weights are finite, whatever the activations are
        weights.placement = .aligned
        let values = weights.tensor(
            [distinct, columns], operand: operand, scale: 1 / Double(max(columns, 1)).squareRoot())
        let stored = (0..<distinct).map { row in
            format.quantize(Array(values.values[row * columns..<(row + 1) * columns]))
        }
        let stride = format.bytes(columns: columns)
        let bytes = Tensor<UInt8>([rows, stride], placement: filling.placement)
        let scales = format.hasRowScale ? Tensor<Float>([rows], placement: filling.placement) : nil
        for row in 0..<rows {
            for (index, byte) in stored[row % distinct].bytes.enumerated() { bytes[row * stride + index] = byte }
            scales?[row] = stored[row % distinct].scale
        }
        self.init(
            format, rows: rows, columns: columns, bytes: UnsafeRawBufferPointer(bytes.values), scales: scales,
            owner: bytes)
    }

    /// The stored bytes of a row.
    public func row(_ row: Int) -> UnsafeRawBufferPointer {
        let stride = format.bytes(columns: columns)
        return UnsafeRawBufferPointer(rebasing: bytes[row * stride..<(row + 1) * stride])
    }

    /// The scale of a row: 1 for the block formats.
    public func scale(of row: Int) -> Float { scales?[row] ?? 1 }

    /// A row's values.
    public func decoded(row: Int) -> [Float] { format.dequantize(self.row(row), scale: scale(of: row)) }

    /// Writes a row's values to `values`, which has room for `columns`.
    func decode(row: Int, into values: UnsafeMutablePointer<Float>) {
        format.dequantize(
            self.row(row), scale: scale(of: row), into: UnsafeMutableBufferPointer(start: values, count: columns))
    }
}
