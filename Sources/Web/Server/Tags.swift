internal import Foundation
internal import HTTPTypes
internal import Synchronization

/// Words that people put on runs, in `tags.jsonl` beside them, a line a run: a run's own file stays as it was measured.
final class Tags: Sendable {
    static let fileName = "tags.jsonl"
    static let most = 12
    static let longest = 40

    private struct Line: Codable {
        var run: String
        var tags: [String]
    }

    private struct State {
        var tags: [String: [String]]
        var version = 0
    }

    private let file: URL
    private let state: Mutex<State>

    /// Reads the file, if there is one. Lines that are none of its own are left out, and go with the next change.
    init(directory: URL) {
        file = directory.appendingPathComponent(Tags.fileName)
        let lines = (try? Data(contentsOf: file))?.split(separator: 0x0A) ?? []
        let known = lines.compactMap { try? JSONDecoder().decode(Line.self, from: Data($0)) }
        state = Mutex(State(tags: Dictionary(known.map { ($0.run, $0.tags) }, uniquingKeysWith: { $1 })))
    }

    func of(_ run: String) -> [String] { state.withLock { $0.tags[run] ?? [] } }

    /// Every tag that a run has, in the alphabet's order.
    var all: [String] { state.withLock { Set($0.tags.values.joined()).sorted() } }

    func runs(tagged tag: String) -> [String] {
        state.withLock { $0.tags.filter { $0.value.contains(tag) }.map(\.key).sorted() }
    }

    /// Grows with every change.
    var version: Int { state.withLock { $0.version } }

    /// The tags of a form: words with commas between.
    static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Why these cannot be a run's tags; nil if they can.
    static func objection(_ tags: [String]) -> String? {
        if tags.count > most { return "tags: \(tags.count) are given; at most \(most) are accepted" }
        let marks = Set("-_.:/+ ")
        for tag in tags {
            let isPlain = tag.unicodeScalars.allSatisfy {
                $0.properties.isAlphabetic || $0.properties.numericType != nil
                    || marks.contains(Character($0))
            }
            guard isPlain, !tag.isEmpty, tag.count <= longest, tag.trimmingCharacters(in: .whitespaces) == tag else {
                return "tags: each has 1 to \(longest) letters, digits, spaces or any of - _ . : / +"
            }
        }
        return nil
    }

    /// Puts these in the place of a run's tags, on the disk first.
    ///
    /// - Throws: `Problem` if they cannot be tags, or the folder cannot be written.
    func set(_ tags: [String], of run: String) throws(Problem) {
        if let objection = Tags.objection(tags) { throw Problem(.unprocessableContent, objection) }
        var kept: [String] = []
        for tag in tags where !kept.contains(tag) { kept.append(tag) }
        let isWritten = state.withLock { state in
            var next = state.tags
            next[run] = kept.isEmpty ? nil : kept
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var data = Data()
            for (run, tags) in next.sorted(by: { $0.key < $1.key }) {
                guard let line = try? encoder.encode(Line(run: run, tags: tags)) else { return false }
                data += line + [0x0A]
            }
            guard (try? data.write(to: file, options: .atomic)) != nil else { return false }
            state.tags = next
            state.version += 1
            return true
        }
        guard isWritten else { throw Problem(.internalServerError, "the folder of the runs cannot be written") }
    }
}
