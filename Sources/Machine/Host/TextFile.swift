internal import Foundation

/// The small text files through which Linux tells about itself.
enum TextFile {
    /// The whole file, or nil if it cannot be read.
    static func contents(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    /// The first line without its end, or nil if the file cannot be read or is empty.
    static func line(_ path: String) -> String? {
        contents(path)?.split(whereSeparator: \.isNewline).first.map(\.trimmed)
    }

    /// `512K`, `32M` or plain bytes.
    static func bytes(_ text: String) -> Int? {
        guard let unit = text.last else { return nil }
        let shifts: [Character: Int] = ["K": 10, "M": 20, "G": 30]
        if let shift = shifts[unit] { return Int(text.dropLast()).map { $0 << shift } }
        return Int(text)
    }
}

extension Substring {
    /// Without the white space at both ends.
    var trimmed: String { trimmingCharacters(in: .whitespaces) }
}
