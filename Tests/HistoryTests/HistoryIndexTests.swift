import Foundation
import GRDB
import Records
import Testing

@testable import History

struct HistoryIndexTests {
    private var flash: HistoryQuery {
        var query = HistoryQuery(suite: "attention", families: ["attention"])
        query.variant = "flash"
        return query
    }

    private func medians(_ index: HistoryIndex, _ query: HistoryQuery? = nil) throws -> [Double?] {
        try index.series(query ?? flash).flatMap(\.points).map(\.median)
    }

    // MARK: - Following the folder

    @Test func newChangedAndGoneFilesAreNoticed() throws {
        let folder = try RunFolder()
        try folder.keep(RunFolder.run(1, median: 100))
        try folder.keep(RunFolder.run(2, median: 200))
        let index = try HistoryIndex(directory: folder.directory)
        #expect(try index.refresh() == [])
        #expect(try medians(index) == [100, 200])

        try folder.keep(RunFolder.run(3, median: 300))
        try folder.keep(RunFolder.run(2, median: 250))
        try folder.remove("run-1.json")
        #expect(try index.refresh() == [])
        #expect(try medians(index) == [250, 300])
        #expect(try index.counts() == (2, 6))
    }

    @Test func aRunThatWasJustKeptIsThereWithoutReadingItsFile() throws {
        let folder = try RunFolder()
        let run = RunFolder.run(1, median: 100)
        let file = try folder.keep(run)
        try HistoryIndex(directory: folder.directory).index(run, file: file)
        // Whoever opens it next sees the same run, and does not read it a second time.
        let index = try HistoryIndex(directory: folder.directory)
        #expect(try medians(index) == [100])
        #expect(try index.refresh() == [])
        #expect(try medians(index) == [100])
    }

    @Test func theIndexCanBeDeleted() throws {
        let folder = try RunFolder()
        for number in 1...3 { try folder.keep(RunFolder.run(number, median: Double(number))) }
        let before = try HistoryIndex(directory: folder.directory)
        _ = try before.refresh()
        let series = try before.series(flash)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.directory.path)
        where name.hasPrefix("history.sqlite") { try folder.remove(name) }
        let after = try HistoryIndex(directory: folder.directory)
        _ = try after.refresh()
        #expect(try after.series(flash) == series)
    }

    @Test func theIndexHasItsSettings() throws {
        let folder = try RunFolder()
        let index = try HistoryIndex(directory: folder.directory)
        let (journal, application) = try index.database.read { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA application_id"))
        }
        #expect(journal == "wal")
        #expect(application == HistoryIndex.applicationID)
    }

    // MARK: - What is no run

    @Test func badFilesAreNamedEachTimeAndNeverTouched() throws {
        let folder = try RunFolder()
        let good = try folder.keep(RunFolder.run(1))
        let whole = try Data(contentsOf: good)
        try whole.prefix(whole.count / 2).write(to: folder.directory.appendingPathComponent("cut.json"))
        try folder.write("{\"benchmarks\": []}", to: "foreign.json")
        try folder.write("", to: "reserved.json")
        try folder.write("not looked at", to: "notes.txt")
        let index = try HistoryIndex(directory: folder.directory)
        for _ in 0..<2 {
            let notes = try index.refresh()
            #expect(notes.count == 3)
            for (note, name) in zip(notes, ["reserved.json: empty", "cut.json: not a run", "foreign.json: not a run"]) {
                #expect(note.hasPrefix(name) && !note.contains("\n"), "\(note)")
            }
            #expect(try index.counts().runs == 1)
        }
        #expect(try HistoryIndex.rebuild(directory: folder.directory).notes.count == 3)
        #expect(try Data(contentsOf: folder.directory.appendingPathComponent("foreign.json")).count == 18)

        try folder.remove("cut.json")
        try folder.keep(RunFolder.run(2), as: "foreign")
        #expect(try index.refresh().map { $0.prefix(8) } == ["reserved"])
        #expect(try index.counts().runs == 2)
    }

    @Test func aRunThatTurnsBadIsNoLongerInASeries() throws {
        let folder = try RunFolder()
        try folder.keep(RunFolder.run(1))
        let index = try HistoryIndex(directory: folder.directory)
        _ = try index.refresh()
        try folder.write("{}", to: "run-1.json")
        #expect(try index.refresh().count == 1)
        #expect(try index.counts() == (0, 0))
    }

    @Test func aCopyOfARunCountsOnce() throws {
        let folder = try RunFolder()
        try folder.keep(RunFolder.run(1))
        try folder.keep(RunFolder.run(1), as: "z-copy")
        let index = try HistoryIndex(directory: folder.directory)
        #expect(try index.refresh() == ["z-copy.json: the same run as run-1.json"])
        #expect(try medians(index).count == 1)
        // The copy takes over once it is the only one.
        try folder.remove("run-1.json")
        #expect(try index.refresh() == [])
        #expect(try medians(index).count == 1)
    }

    // MARK: - An index that is none

    @Test func aFileThatIsNoIndexIsNamedAndReplacedByRebuild() throws {
        let folder = try RunFolder()
        try folder.keep(RunFolder.run(1))
        try folder.write(String(repeating: "not a database. ", count: 400), to: "history.sqlite")
        try refuses(folder, because: "not an SQLite file")

        try FileManager.default.removeItem(at: folder.index)
        try DatabaseQueue(path: folder.index.path).write { db in try db.execute(sql: "CREATE TABLE song (name TEXT)") }
        try refuses(folder, because: "not an index of mgbench")
    }

    @Test func aLaterIndexIsNamedAndReplacedByRebuild() throws {
        let folder = try RunFolder()
        try folder.keep(RunFolder.run(1))
        try HistoryIndex(directory: folder.directory).database.write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 of the future')")
        }
        try refuses(folder, because: "later mgbench")
    }

    @Test func aDamagedPageIsNamedAndReplacedByRebuild() throws {
        let folder = try RunFolder()
        for number in 1...40 { try folder.keep(RunFolder.run(number)) }
        do {
            let index = try HistoryIndex(directory: folder.directory)
            _ = try index.refresh()
            try index.database.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        }
        // The head and the schema stay; every page behind them is noise.
        var bytes = try Data(contentsOf: folder.index)
        for place in 4096..<bytes.count { bytes[place] = UInt8(truncatingIfNeeded: place &* 31) }
        try bytes.write(to: folder.index)
        #expect {
            let index = try HistoryIndex(directory: folder.directory)
            _ = try index.refresh()
            _ = try index.series(flash)
        } throws: { error in
            "\(error)".contains("history.sqlite: ") && "\(error)".contains("run `mgbench history rebuild`")
        }
        let index = try HistoryIndex.rebuild(directory: folder.directory).index
        #expect(try medians(index).count == 40)
    }

    /// The index is refused with one line that helps, and `rebuild` makes a good one.
    private func refuses(_ folder: RunFolder, because reason: String) throws {
        #expect {
            _ = try HistoryIndex(directory: folder.directory)
        } throws: { error in
            "\(error)".hasPrefix("\(folder.index.path): ") && "\(error)".contains(reason)
                && "\(error)".contains("run `mgbench history rebuild`") && !"\(error)".contains("\n")
        }
        let (index, notes) = try HistoryIndex.rebuild(directory: folder.directory)
        #expect(notes == [])
        #expect(try medians(index).count == 1)
    }

    // MARK: - Several at once

    @Test func manyThatOpenAndWriteAtOnceLoseNothing() throws {
        let folder = try RunFolder()
        let runs = (0..<24).map { RunFolder.run($0) }
        let files = try runs.map { try folder.keep($0) }
        DispatchQueue.concurrentPerform(iterations: 24) { number in
            do {
                let index = try HistoryIndex(directory: folder.directory)
                try index.index(runs[number], file: files[number])
                if number % 4 == 0 { _ = try index.refresh() }
                if number % 7 == 0 { _ = try HistoryIndex.rebuild(directory: folder.directory) }
            } catch { Issue.record("\(number): \(error)") }
        }
        let index = try HistoryIndex(directory: folder.directory)
        #expect(try index.refresh() == [])
        #expect(try index.counts() == (24, 72))
    }
}
