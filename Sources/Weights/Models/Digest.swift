public import Foundation

/// SHA-256 of files, by coreutils' `sha256sum`.
///
/// A digest that guards what is installed should come from an implementation that others have checked. There is no
/// such one in Foundation on Linux; a cryptography package would be the largest dependency of mgbench, compiled for
/// a hundred megabytes now and then; `sha256sum` is on every Debian system (coreutils is an essential package).
public enum Digest {
    /// - Returns: 64 lowercase hexadecimal digits.
    /// - Throws: `ModelError` if the file cannot be read, or `sha256sum` not be run.
    public static func sha256(of file: URL) throws(ModelError) -> String {
        let handle: FileHandle
        do { handle = try FileHandle(forReadingFrom: file) } catch {
            throw .unreadable(file: file.path, problem: error.localizedDescription)
        }
        defer { try? handle.close() }
        // The file goes in by standard input: names with odd characters would come out escaped.
        let ending = try ChildProcess.run("sha256sum", [], input: handle, hint: "it is part of coreutils")
        let digest = ending.lastLine.prefix(64)
        guard ending.status == 0, digest.count == 64, digest.allSatisfy(\.isHexDigit) else {
            throw .toolFailed(tool: "sha256sum", problem: "\(file.path): \(ending.lastLine)")
        }
        return String(digest)
    }

    /// Checks size and digest of a file.
    static func check(_ file: URL, byteCount: Int, sha256 expected: String) throws(ModelError) {
        let found = try size(of: file)
        guard found == byteCount else { throw .wrongSize(file: file.path, expected: byteCount, found: found) }
        let digest = try sha256(of: file)
        guard digest == expected else { throw .wrongDigest(file: file.path, expected: expected, found: digest) }
    }

    /// Size of a file in bytes.
    static func size(of file: URL) throws(ModelError) -> Int {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            return (attributes[.size] as? NSNumber)?.intValue ?? 0
        } catch { throw .unreadable(file: file.path, problem: error.localizedDescription) }
    }
}
