import Foundation
import Testing

@testable import Records

struct RecordStoreTests {
    /// A store in a folder of its own, gone afterwards.
    private func withStore(_ body: (RecordStore) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(RecordStore(directory: folder.appendingPathComponent("kept")))
    }

    @Test func aSavedRunIsReadBack() throws {
        try withStore { store in
            let run = RunFixture.run
            let file = try store.save(run.json(), id: run.id, extension: "json")
            #expect(file.lastPathComponent == "2026-08-20T140312Z-softmax.json")
            #expect(try RecordStore.load(file) == run)
        }
    }

    @Test func idsAreTheTimeInUTCAndTheSuite() throws {
        try withStore { store in
            let date = Date(timeIntervalSince1970: 1_787_234_592)
            #expect(store.newID(suite: "softmax", at: date) == "2026-08-20T140312Z-softmax")
        }
    }

    @Test func anIdIsNeverGivenTwice() throws {
        try withStore { store in
            let date = Date(timeIntervalSince1970: 1_787_234_592)
            for expected in [
                "2026-08-20T140312Z-softmax", "2026-08-20T140312Z-softmax-2", "2026-08-20T140312Z-softmax-3",
            ] {
                let id = store.newID(suite: "softmax", at: date)
                #expect(id == expected)
                try store.save(Data("{}".utf8), id: id, extension: "json")
            }
            #expect(store.newID(suite: "norm", at: date) == "2026-08-20T140312Z-norm")
        }
    }

    @Test func savingReplacesTheWholeFile() throws {
        try withStore { store in
            try store.save(Data(repeating: 65, count: 1000), id: "a", extension: "html")
            let file = try store.save(Data("short".utf8), id: "a", extension: "html")
            #expect(try Data(contentsOf: file) == Data("short".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.directory.path) == ["a.html"])
        }
    }

    @Test func aMissingFileIsNamed() {
        #expect {
            try RecordStore.load(URL(fileURLWithPath: "/nowhere/run.json"))
        } throws: { error in
            "\(error)".hasPrefix("/nowhere/run.json: cannot be read: ")
        }
    }
}
