import Foundation
import Synchronization
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

    private static let moment = Date(timeIntervalSince1970: 1_787_234_592)

    @Test func idsAreTheTimeInUTCAndTheSuite() throws {
        try withStore { store in
            let id = try store.reserve(suite: "softmax", at: Self.moment)
            #expect(id == "2026-08-20T140312Z-softmax")
        }
    }

    @Test func anIdIsNeverGivenTwice() throws {
        try withStore { store in
            for expected in [
                "2026-08-20T140312Z-softmax", "2026-08-20T140312Z-softmax-2", "2026-08-20T140312Z-softmax-3",
            ] {
                // Reserving is enough: nothing has been saved when the next run asks.
                let id = try store.reserve(suite: "softmax", at: Self.moment)
                #expect(id == expected)
            }
            let id = try store.reserve(suite: "norm", at: Self.moment)
            #expect(id == "2026-08-20T140312Z-norm")
        }
    }

    @Test func manyThatAskAtOnceGetAnIdEach() throws {
        try withStore { store in
            let ids = Mutex<[String]>([])
            DispatchQueue.concurrentPerform(iterations: 64) { _ in
                guard let id = try? store.reserve(suite: "norm", at: Self.moment) else { return }
                ids.withLock { $0.append(id) }
            }
            let given = ids.withLock { $0 }
            #expect(given.count == 64)
            #expect(Set(given).count == 64)
            let files = try FileManager.default.contentsOfDirectory(atPath: store.directory.path)
            #expect(files.count == 64)
        }
    }

    @Test func whatIsReleasedIsGoneAndWhatIsSavedStays() throws {
        try withStore { store in
            let empty = try store.reserve(suite: "norm", at: Self.moment)
            store.release(empty)
            #expect(!FileManager.default.fileExists(atPath: store.url(of: empty, extension: "json").path))
            let kept = try store.reserve(suite: "norm", at: Self.moment)
            let file = try store.save(Data("{}".utf8), id: kept, extension: "json")
            store.release(kept)
            #expect(try Data(contentsOf: file) == Data("{}".utf8))
        }
    }

    @Test func aReservedFileSaysSo() throws {
        try withStore { store in
            let file = store.url(of: try store.reserve(suite: "norm", at: Self.moment), extension: "json")
            #expect(RecordStore.isReserved(file))
            #expect {
                try RecordStore.load(file)
            } throws: { error in
                "\(error)".hasPrefix("\(file.path): empty: ")
            }
        }
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() {
        #expect {
            try RecordStore(directory: URL(fileURLWithPath: "/proc/none")).reserve(suite: "norm", at: Self.moment)
        } throws: { error in
            error.localizedDescription.contains("/proc/none") || "\(error)".contains("/proc/none")
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
