import Foundation

/// A model written anew with other types: rows go from the map through the encoder to the file, a few megabytes at a
/// time, on all cores.
public struct Quantization: Sendable {
    /// What became of one tensor.
    public struct Row: Sendable, Codable, Equatable {
        public var name: String
        public var dimensions: [Int]
        public var from: String
        public var to: String
        public var bytesBefore: Int
        public var bytes: Int
        /// √(Σ(new − old)² / Σ old²); 0 where nothing changed.
        public var relativeError: Double
    }

    public let source: ModelSource
    public let rule: QuantizationRule
    /// The type of each tensor, in the order of the source.
    public let types: [GGUFType]

    /// Plans a model.
    ///
    /// - Throws: `ModelSourceError` when a tensor is of a type that cannot be read and does not stay as it is.
    public init(_ source: ModelSource, rule: QuantizationRule) throws(ModelSourceError) {
        self.source = source
        self.rule = rule
        let isTied = !source.tensors.contains { $0.name == "output.weight" }
        types = source.tensors.map { rule.type(of: $0, isTied: isTied) }
        for (tensor, type) in zip(source.tensors, types) where !tensor.isReadable && tensor.type != type {
            throw ModelSourceError(
                file: source.path, field: "tensor \"\(tensor.name)\"",
                problem:
                    "is \(tensor.type); read are F32, F16, BF16, F64, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K")
        }
    }

    /// Writes the file.
    ///
    /// - Parameter done: called after each tensor.
    /// - Throws: `WeightsWriteError`; `ModelSourceError` for numbers that no block can hold. Nothing is left at `path`
    ///   then but what was there.
    public func write(to path: String, done: (Row) -> Void = { _ in }) throws -> [Row] {
        let writer = try GGUFWriter(
            path: path, metadata: metadata,
            tensors: zip(source.tensors, types).map {
                GGUFWriter.Tensor(name: $0.name, dimensions: $0.dimensions, type: $1)
            },
            alignment: source.alignment)
        var rows: [Row] = []
        for (tensor, type) in zip(source.tensors, types) {
            let row = try write(tensor, as: type, to: writer)
            rows.append(row)
            done(row)
        }
        try writer.finish()
        return rows
    }

    private var metadata: [(key: String, value: GGUFMetadata)] {
        source.metadata.filter { $0.key != "general.file_type" && $0.key != "general.quantization_version" } + [
            ("general.file_type", .uint32(rule.fileType)), ("general.quantization_version", .uint32(2)),
        ]
    }

    private func write(_ tensor: SourceTensor, as type: GGUFType, to writer: GGUFWriter) throws -> Row {
        let elements = tensor.rows * tensor.columns
        var row = Row(
            name: tensor.name, dimensions: tensor.dimensions, from: tensor.type.name, to: type.name,
            bytesBefore: tensor.byteCount, bytes: type.byteCount(of: elements) ?? 0, relativeError: 0)
        if tensor.type == type, tensor.arrangement == .asStored {
            try tensor.file.withBytes(in: tensor.byteRange) { try writer.write($0) }
            return row
        }
        let encoder = RowEncoder(tensor, as: type)
        var squares = 0.0
        var errors = 0.0
        var first = 0
        while first < tensor.rows {
            let wave = first..<min(tensor.rows, first + encoder.rowsPerWave)
            let sums = encoder.encode(wave)
            guard sums.errors.isFinite else {
                throw ModelSourceError(
                    file: source.path, field: "tensor \"\(tensor.name)\"",
                    problem: "rows \(wave.lowerBound) to \(wave.upperBound - 1) have a number that \(type) cannot hold "
                        + "(not finite, or too large)")
            }
            squares += sums.squares
            errors += sums.errors
            try writer.write(
                UnsafeRawBufferPointer(
                    rebasing: UnsafeRawBufferPointer(encoder.bytes)[0..<wave.count * encoder.bytesPerRow]))
            first = wave.upperBound
        }
        row.relativeError = squares > 0 ? (errors / squares).squareRoot() : 0
        return row
    }
}
