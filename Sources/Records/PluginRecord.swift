/// The shared object that a kernel from outside came from: the path may hold another one tomorrow, the digest tells.
public struct PluginRecord: Codable, Sendable, Hashable {
    /// As it was given on the command line.
    public var path: String
    /// SHA-256 of the file when it was loaded, 64 lowercase hexadecimal digits.
    public var sha256: String

    public init(path: String, sha256: String) {
        self.path = path
        self.sha256 = sha256
    }
}
