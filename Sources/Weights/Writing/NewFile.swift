import Foundation

/// A file that is there whole or not at all: written beside its place under another name, renamed when it is done.
///
/// Let go before `commit`, it leaves nothing behind. Bytes go to the system as they come; small ones are gathered.
final class NewFile {
    let path: String
    private let staging: String
    private let descriptor: Int32
    private var pending: [UInt8] = []
    private var isCommitted = false
    /// Bytes so far.
    private(set) var count = 0

    init(path: String) throws(WeightsWriteError) {
        self.path = path
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw WeightsWriteError(file: path, field: "file", problem: "is there and no regular file")
        }
        let folder = (path as NSString).deletingLastPathComponent
        var template = Array(
            "\(folder.isEmpty ? "." : folder)/.\((path as NSString).lastPathComponent).XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        staging = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        guard descriptor >= 0 else {
            isCommitted = true  // nothing to remove
            throw WeightsWriteError(file: path, field: "file", problem: Self.system("create a file beside it"))
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        guard !isCommitted else { return }
        close(descriptor)
        unlink(staging)
    }

    private static func system(_ step: String) -> String { "cannot \(step): \(String(cString: strerror(errno)))" }

    func write(_ bytes: UnsafeRawBufferPointer) throws(WeightsWriteError) {
        count += bytes.count
        if pending.count + bytes.count <= 1 << 16 {
            pending.append(contentsOf: bytes)
        } else {
            try flush()
            try send(bytes)
        }
    }

    func write(_ bytes: [UInt8]) throws(WeightsWriteError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(WeightsWriteError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Zeros up to the next multiple.
    func pad(to alignment: Int) throws(WeightsWriteError) {
        try write([UInt8](repeating: 0, count: (alignment - count % alignment) % alignment))
    }

    private func flush() throws(WeightsWriteError) {
        let bytes = pending
        pending.removeAll(keepingCapacity: true)
        try bytes.withUnsafeBufferPointer { (bytes) throws(WeightsWriteError) in try send(UnsafeRawBufferPointer(bytes))
        }
    }

    private func send(_ bytes: UnsafeRawBufferPointer) throws(WeightsWriteError) {
        var sent = 0
        while sent < bytes.count {
            let step = Foundation.write(descriptor, bytes.baseAddress! + sent, bytes.count - sent)
            if step < 0, errno == EINTR { continue }
            guard step > 0 else {
                throw WeightsWriteError(file: path, field: "file", problem: Self.system("write byte \(count)"))
            }
            sent += step
        }
    }

    /// Puts the file in its place, on the disk before it is seen there.
    func commit() throws(WeightsWriteError) {
        try flush()
        let mask = umask(0)
        umask(mask)
        guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0, rename(staging, path) == 0 else {
            throw WeightsWriteError(file: path, field: "file", problem: Self.system("put the new file in its place"))
        }
        isCommitted = true
        close(descriptor)
    }
}
