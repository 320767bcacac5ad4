internal import Foundation
public import Records

extension Plugin {
    /// Loads several. Those whose files have the same name, as an old and a new build have, are told apart by the
    /// beginnings of their digests: `mine@1f0c9a2e:simple`.
    ///
    /// - Throws: `UsageError` if one of them is no plugin that this program can run, or two are the same.
    public static func load(_ paths: [String], by command: PluginHostCommand? = nil) throws(UsageError) -> [Plugin] {
        var plugins: [Plugin] = []
        for path in paths {
            let name = Plugin.name(of: path)
            let isAmbiguous = paths.count { Plugin.name(of: $0) == name } > 1
            let plugin = try Plugin(path, by: command, isAmbiguous: isAmbiguous)
            if let same = plugins.first(where: { $0.name == plugin.name }) {
                throw UsageError(
                    "--plugin \(path): it is the same as \(same.path), and their rows would have one name: "
                        + "give it once, or copy it to a file with another name")
            }
            plugins.append(plugin)
        }
        return plugins
    }

    /// What its kernels' names begin with: that of the file, `mine` for `build/libmine.so`.
    static func name(of path: String) -> String {
        var name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        if name.hasPrefix("lib"), name.count > 3 { name.removeFirst(3) }
        return name
    }
}
