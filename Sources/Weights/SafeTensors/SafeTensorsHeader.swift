/// The tensors and notes of a SafeTensors header, as they are written there.
struct SafeTensorsHeader {
    struct Entry {
        let name: String
        /// Byte in the file at which the entry begins.
        let start: Int
        let type: SafeTensorsType
        let shape: [Int]
        /// Bytes, counted from the beginning of the data.
        let data: Range<Int>
    }

    private(set) var entries: [Entry] = []
    private(set) var notes: [String: String] = [:]

    init(_ scanner: inout SafeTensorsScanner, limits: SafeTensorsLimits) throws(SafeTensorsError) {
        var names: Set<String> = []
        guard scanner.offset < scanner.end, scanner.file.bytes[scanner.offset] == UInt8(ascii: "{") else {
            throw scanner.failure("header", "must begin with \"{\"")
        }
        try scanner.expect("{", "header")
        if !scanner.take("}") {
            repeat {
                let start = scanner.offset
                let name = try scanner.string("header key")
                guard names.insert(name).inserted else {
                    throw scanner.failure("tensor \"\(name)\"", at: start, "is there twice")
                }
                guard names.count <= limits.tensorCount else {
                    throw scanner.failure("header", at: start, "has more than \(limits.tensorCount) entries")
                }
                try scanner.expect(":", "tensor \"\(name)\"")
                if name == "__metadata__" {
                    notes = try Self.notes(&scanner)
                } else {
                    entries.append(try Self.entry(&scanner, name: name, start: start, limits: limits))
                }
            } while scanner.take(",")
            try scanner.expect("}", "header")
        }
        scanner.skipSpace()
        guard scanner.offset == scanner.end else {
            throw scanner.failure("header", "has something behind its last \"}\"")
        }
    }

    /// The free notes: strings by strings.
    private static func notes(_ scanner: inout SafeTensorsScanner) throws(SafeTensorsError) -> [String: String] {
        var notes: [String: String] = [:]
        try scanner.expect("{", "__metadata__")
        if scanner.take("}") { return notes }
        repeat {
            let start = scanner.offset
            let key = try scanner.string("__metadata__ key")
            try scanner.expect(":", "__metadata__")
            guard notes.updateValue(try scanner.string("__metadata__ \"\(key)\""), forKey: key) == nil else {
                throw scanner.failure("__metadata__ \"\(key)\"", at: start, "is there twice")
            }
        } while scanner.take(",")
        try scanner.expect("}", "__metadata__")
        return notes
    }

    /// One tensor: its type, shape and place, each exactly once, in any order.
    private static func entry(
        _ scanner: inout SafeTensorsScanner, name: String, start: Int, limits: SafeTensorsLimits
    ) throws(SafeTensorsError) -> Entry {
        let field = "tensor \"\(name)\""
        var type: SafeTensorsType?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.expect("{", field)
        repeat {
            let keyStart = scanner.offset
            let key = try scanner.string(field)
            try scanner.expect(":", field)
            switch key {
            case "dtype" where type == nil:
                let text = try scanner.string("\(field).dtype")
                guard let known = SafeTensorsType(rawValue: text) else {
                    throw scanner.failure("\(field).dtype", at: keyStart, "is \"\(text)\", which is not known")
                }
                type = known
            case "shape" where shape == nil:
                shape = try numbers(&scanner, "\(field).shape", limit: limits.rank)
            case "data_offsets" where offsets == nil:
                offsets = try numbers(&scanner, "\(field).data_offsets", limit: 2)
            case "dtype", "shape", "data_offsets":
                throw scanner.failure("\(field).\(key)", at: keyStart, "is there twice")
            default:
                throw scanner.failure(field, at: keyStart, "has \"\(key)\"; dtype, shape, data_offsets are accepted")
            }
        } while scanner.take(",")
        try scanner.expect("}", field)
        guard let type, let shape, let offsets else {
            throw scanner.failure(field, at: start, "lacks one of dtype, shape, data_offsets")
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw scanner.failure("\(field).data_offsets", at: start, "must be [begin, end] with begin <= end")
        }
        return Entry(name: name, start: start, type: type, shape: shape, data: offsets[0]..<offsets[1])
    }

    private static func numbers(
        _ scanner: inout SafeTensorsScanner, _ field: String, limit: Int
    ) throws(SafeTensorsError) -> [Int] {
        var numbers: [Int] = []
        try scanner.expect("[", field)
        if scanner.take("]") { return numbers }
        repeat {
            guard numbers.count < limit else { throw scanner.failure(field, "has more than \(limit) numbers") }
            numbers.append(try scanner.number(field))
        } while scanner.take(",")
        try scanner.expect("]", field)
        return numbers
    }
}
