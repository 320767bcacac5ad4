internal import Foundation
internal import Records

/// A text of unknown origin that should be JSON.
struct JSONText {
    /// As the user named the file.
    let name: String
    let file: URL
    private var data: Data

    /// A hundred times what the tools write for a thousand benchmarks.
    private static let most = 64 << 20

    /// - Throws: `RunFileError` for a file that cannot be read, is empty, or is larger than 64 MiB.
    init(_ file: URL) throws(RunFileError) {
        self.file = file
        name = file.relativePath
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            // Not by its size: a device or a pipe has none, and may have no end.
            data = try handle.read(upToCount: JSONText.most + 1) ?? Data()
        } catch {
            throw RunFileError("\(name): cannot be read: \(error.localizedDescription)")
        }
        guard !data.isEmpty else { throw RunFileError("\(name): empty") }
        guard data.count <= JSONText.most else { throw RunFileError("\(name): more than \(JSONText.most >> 20) MiB") }
        data = JSONText.withoutNaN(data)
    }

    /// Google Benchmark writes `NaN` and `Infinity`, which JSON does not have. They become zeros of the same length, so
    /// that every position stays; a time of zero counts as none. (Foundation's JSON5 would read them, and ends the process
    /// at some bytes that are no UTF-8.)
    private static func withoutNaN(_ json: Data) -> Data {
        let words = [("NaN", "0.0"), ("Infinity", "0.000000")].map { (Array($0.utf8), Array($1.utf8)) }
        var bytes = [UInt8](json)
        var isText = false
        var place = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\""): isText.toggle()
            case UInt8(ascii: "\\") where isText: place += 1
            case UInt8(ascii: "N"), UInt8(ascii: "I"):
                for (word, zero) in words where !isText && bytes[place...].starts(with: word) {
                    bytes.replaceSubrange(place..<(place + word.count), with: zero)
                }
            default: break
            }
            place += 1
        }
        return Data(bytes)
    }

    /// - Parameter kind: what the file should be, for the message.
    /// - Throws: `RunFileError` naming the file and the field or position.
    func decode<Value: Decodable>(_ type: Value.Type, as kind: String) throws(RunFileError) -> Value {
        do { return try JSONDecoder().decode(type, from: data) } catch let error as DecodingError {
            throw RunFileError(error, in: data, name: name, expected: kind)
        } catch {
            throw RunFileError("\(name): \(error)")
        }
    }

    /// The same fault, of a field that decodes and yet cannot be.
    func fault(_ field: String, _ reason: String) -> RunFileError {
        RunFileError("\(name): field \(field): \(reason)")
    }

    /// A time in nanoseconds; nil where the tool measured none, and wrote zero or no number.
    ///
    /// - Parameters:
    ///   - unit: nanoseconds in the file's unit.
    ///   - field: for the message.
    /// - Throws: `RunFileError` for what is no time: below zero, or beyond thirty years.
    func nanoseconds(_ number: Double?, unit: Double = 1, field: @autoclosure () -> String) throws(RunFileError)
        -> Double?
    {
        guard let number, number.isFinite, number != 0 else { return nil }
        let time = number * unit
        guard time >= 1e-9, time <= 1e18 else { throw fault(field(), "\(number) is no time") }
        return time
    }
}

extension Encodable {
    /// Sorted keys, and never NaN: the encoder refuses it.
    func foreignJSON() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }
}
