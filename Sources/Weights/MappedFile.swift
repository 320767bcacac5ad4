import Foundation
public import Refusals

/// A file's bytes, mapped read-only into memory and unmapped when the last owner lets go.
///
/// Nothing is copied: pages come from the file as they are touched. Whoever hands out a part of the bytes keeps
/// the `MappedFile` with it. A file that another process shortens while it is mapped ends the process at the next
/// touch (SIGBUS); files that are being written do not belong here.
public final class MappedFile: Sendable {
    /// The path as it was given; errors name it.
    public let path: String
    /// Size in bytes.
    public let count: Int
    /// The address of the mapping, as a number because a pointer is not `Sendable`; 0 when the file is empty.
    private let address: UInt

    /// Maps the whole of a regular file.
    ///
    /// - Throws: `MappedFileError` naming the file and what the system said.
    public init(path: String) throws(MappedFileError) {
        // O_NONBLOCK: opening a named pipe that nobody writes must fail below, not wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw MappedFileError(path: path, step: "open", code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw MappedFileError(path: path, step: "stat", code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw MappedFileError(path: path, problem: "is not a regular file")
        }
        let size = Int(status.st_size)
        if size == 0 {
            address = 0
        } else {
            guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
                throw MappedFileError(path: path, step: "map", code: errno)
            }
            address = UInt(bitPattern: start)
        }
        self.path = path
        count = size
    }

    deinit {
        if count > 0 { munmap(UnsafeMutableRawPointer(bitPattern: address), count) }
    }

    /// All bytes. Valid only while this object lives: prefer `withBytes(in:_:)`.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    /// Gives back the memory of what was read. Pages that are touched again come from the system's cache of the file.
    public func letGo() {
        if count > 0 { madvise(UnsafeMutableRawPointer(bitPattern: address), count, MADV_DONTNEED) }
    }

    /// Lends the bytes of a range for the time of the call.
    ///
    /// - Precondition: the range lies within the file.
    public func withBytes<Result, Failure: Error>(
        in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count,
            "\(path): bytes \(range) were asked of a file of \(count) bytes")
        return try withExtendedLifetime(self) { () throws(Failure) -> Result in
            try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}

/// Why a file could not be mapped, in one line.
public struct MappedFileError: Refusal, Equatable {
    public let path: String
    public let problem: String

    init(path: String, problem: String) {
        self.path = path
        self.problem = problem
    }

    init(path: String, step: String, code: Int32) {
        self.init(path: path, problem: "cannot \(step) the file: \(String(cString: strerror(code)))")
    }

    public var description: String { "\(printable(path)): \(problem)" }
}
