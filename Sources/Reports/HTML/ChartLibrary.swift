public import Foundation

/// Chart.js, from Debian's package: inlined into a page, never fetched.
public enum ChartLibrary {
    /// The package that brings it.
    public static let package = "libjs-chart.js"

    /// Where Debian and its derivatives put it, newest layout first. All are minified.
    static let candidates = [
        "/usr/share/javascript/chart.js/chart.umd.js",
        "/usr/share/javascript/chart.js/chart.umd.min.js",
        "/usr/share/javascript/chart.js/chart.min.js",
        "/usr/share/javascript/chart.js/Chart.min.js",
        "/usr/share/nodejs/chart.js/dist/chart.umd.js",
        "/usr/share/nodejs/chart.js/dist/chart.min.js",
    ]

    /// A library larger than this is not the minified one, and would not leave room for a run in one page.
    static let mostBytes = 400_000

    /// The library's file; nil if it is not installed.
    public static func locate() -> URL? { locate(among: candidates) }

    /// The library's text; nil if it is not installed or cannot be read.
    public static func script() -> String? {
        locate().flatMap { try? String(contentsOf: $0, encoding: .utf8) }
    }

    /// The smallest of the files that are there.
    static func locate(among paths: [String]) -> URL? {
        let sizes = paths.compactMap { path -> (path: String, bytes: Int)? in
            let file = URL(fileURLWithPath: path).resolvingSymlinksInPath()
            guard let bytes = try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize else { return nil }
            return bytes > 0 && bytes <= mostBytes ? (path, bytes) : nil
        }
        return sizes.min { $0.bytes < $1.bytes }.map { URL(fileURLWithPath: $0.path) }
    }
}
