internal import CKernels

/// What a kernel from outside begins with: a plugin of one family that is right and slow, and the headers that it
/// includes.
public struct PluginFiles: Sendable {
    /// The number of the interface; a plugin with another is refused.
    public static let abi = Int(MG_PLUGIN_ABI)

    /// The makefile that builds it. `NAME` stands for the kernel's name.
    public static let makefile = String(cString: mg_plugin_makefile())

    /// Names and texts of the headers.
    public let headers: [(name: String, text: String)]
    /// The plugin in C. `NAME` stands for the kernel's name.
    public let source: String

    /// Of a compiled family; nil if there is none.
    init?(_ family: UnsafePointer<mg_family>?) {
        guard let family = family?.pointee else { return nil }
        var count: Int32 = 0
        let common = UnsafeBufferPointer(start: mg_plugin_headers(&count), count: Int(count))
        headers =
            common.map { (String(cString: $0.name), String(cString: $0.text)) }
            + [("mg_\(String(cString: family.name)).h", String(cString: family.header))]
        source = String(cString: family.plugin)
    }
}
