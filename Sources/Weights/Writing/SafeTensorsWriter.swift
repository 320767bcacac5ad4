import Foundation

/// Writes a SafeTensors file: the header at once, then the tensors' bytes as they come.
///
/// Used like `GGUFWriter`. The header is padded with spaces to a multiple of eight, as the format's own package does;
/// tensors lie one behind the other without a gap, in the order given, so widest types first keeps all aligned.
public final class SafeTensorsWriter {
    /// A tensor that will be written.
    public struct Tensor: Sendable, Equatable {
        public var name: String
        public var type: SafeTensorsType
        /// Sizes, the contiguous one last; empty for a single number.
        public var shape: [Int]

        public init(name: String, type: SafeTensorsType, shape: [Int]) {
            self.name = name
            self.type = type
            self.shape = shape
        }
    }

    private let file: NewFile
    private let tensors: [Tensor]
    private let sizes: [Int]
    private var current = 0
    private var filled = 0

    /// Begins a file.
    ///
    /// - Parameter metadata: the free notes of `__metadata__`, written in the order of their keys.
    /// - Throws: `WeightsWriteError` for a plan that the format does not allow: a name that is there twice or is
    ///   `__metadata__`, a shape that does not make whole bytes, a header above the format's 100 000 000 bytes.
    public init(
        path: String, metadata: [String: String] = [:], tensors: [Tensor]
    ) throws(WeightsWriteError) {
        self.tensors = tensors
        var names: Set<String> = []
        var sizes: [Int] = []
        var entries: [String] = []
        if !metadata.isEmpty {
            let notes = metadata.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\(Self.quoted($0.value))" }
            entries.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in tensors {
            func failure(_ problem: String) -> WeightsWriteError {
                WeightsWriteError(file: path, field: "tensor \"\(tensor.name)\"", problem: problem)
            }
            guard tensor.name != "__metadata__" else { throw failure("is the name of the notes") }
            guard names.insert(tensor.name).inserted else { throw failure("is there twice") }
            guard tensor.shape.allSatisfy({ $0 >= 0 }), let elements = product(of: tensor.shape),
                let bytes = tensor.type.byteCount(of: elements)
            else { throw failure("\(tensor.shape) of \(tensor.type.rawValue) makes no whole number of bytes") }
            let (end, overflow) = offset.addingReportingOverflow(bytes)
            guard !overflow else { throw failure("ends beyond 2^63-1") }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(Self.quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
            sizes.append(bytes)
        }
        self.sizes = sizes
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        guard header.count <= 100_000_000 else {
            throw WeightsWriteError(file: path, field: "header", problem: "has \(header.count) bytes, above 100000000")
        }
        var length: [UInt8] = []
        length.append(number: UInt64(header.count))
        file = try NewFile(path: path)
        try file.write(length)
        try file.write(header)
        skipEmpty()
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var line = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                line += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: line.unicodeScalars.append(scalar)
            }
        }
        return line + "\""
    }

    /// Tensors without a byte are complete by themselves.
    private func skipEmpty() {
        while current < sizes.count, sizes[current] == 0 { current += 1 }
    }

    /// Appends bytes to the tensor that is due, row-major; a piece may not reach into the next tensor.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(WeightsWriteError) {
        guard !bytes.isEmpty else { return }
        let due = current < sizes.count ? sizes[current] - filled : 0
        guard bytes.count <= due else {
            throw WeightsWriteError(
                file: file.path, field: current < sizes.count ? "tensor \"\(tensors[current].name)\"" : "file",
                problem: "\(bytes.count) bytes were given, \(due) are due")
        }
        try file.write(bytes)
        filled += bytes.count
        if bytes.count == due {
            (current, filled) = (current + 1, 0)
            skipEmpty()
        }
    }

    public func write(_ bytes: [UInt8]) throws(WeightsWriteError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(WeightsWriteError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Puts the file in its place.
    ///
    /// - Throws: `WeightsWriteError` when a tensor is not complete.
    public func finish() throws(WeightsWriteError) {
        guard current == sizes.count else {
            throw WeightsWriteError(
                file: file.path, field: "tensor \"\(tensors[current].name)\"",
                problem: "has \(filled) of \(sizes[current]) bytes")
        }
        try file.commit()
    }
}
