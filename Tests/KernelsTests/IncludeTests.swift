import Foundation
import Testing

/// The folders of CKernels lie in layers: `include`, `vectors`, `functions`, then families, which may use one another as
/// long as nothing goes round. Includes are written from the top.
@Suite struct IncludeTests {
    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("CKernels")

    /// Folders by the folders that their files include.
    private static func arrows() throws -> [String: Set<String>] {
        let include = /#include "([^"]+)"/
        var arrows: [String: Set<String>] = [:]
        for folder in try FileManager.default.contentsOfDirectory(atPath: top.path) {
            let path = top.appendingPathComponent(folder)
            for file in (try? FileManager.default.contentsOfDirectory(atPath: path.path)) ?? [] {
                guard file.hasSuffix(".c") || file.hasSuffix(".h") else { continue }
                let text = try String(contentsOf: path.appendingPathComponent(file), encoding: .utf8)
                for match in text.matches(of: include) {
                    let name = String(match.output.1)
                    #expect(!name.contains("../"), "\(folder)/\(file) includes \(name)")
                    guard let slash = name.firstIndex(of: "/") else { continue }
                    let other = String(name[..<slash])
                    #expect(other != folder, "\(folder)/\(file): a file beside it is included by its name, \(name)")
                    arrows[folder, default: []].insert(other)
                }
            }
        }
        return arrows
    }

    @Test func foldersLieInLayers() throws {
        let arrows = try Self.arrows()
        #expect(arrows["softmax"] == ["functions", "vectors"])
        #expect(arrows["vectors"] == nil)
        #expect(arrows["functions"]?.isSubset(of: ["vectors"]) == true)
        // Takes away what includes nothing that is left, until nothing is left or all goes round.
        var left = arrows
        while let leaf = left.first(where: { $0.value.allSatisfy { left[$0] == nil } }) { left[leaf.key] = nil }
        #expect(left.isEmpty, "these include one another: \(left.keys.sorted())")
    }
}
