import Foundation
import Testing
import Weights

struct MappedFileTests {
    @Test func mapsAllBytes() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let file = try MappedFile(path: try folder.file("file", bytes))
        #expect(file.count == bytes.count)
        #expect(file.withBytes(in: 0..<file.count) { Array($0) } == bytes)
        #expect(file.withBytes(in: 9_999..<10_000) { Array($0) } == [bytes[9_999]])
        #expect(try MappedFile(path: try folder.file("empty", [])).bytes.isEmpty)
    }

    @Test func whatWasLetGoIsReadAgain() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let file = try MappedFile(path: try folder.file("file", bytes))
        #expect(Array(file.bytes) == bytes)
        file.letGo()
        #expect(Array(file.bytes) == bytes)
        try MappedFile(path: try folder.file("empty", [])).letGo()
    }

    @Test func namesTheFileItCannotMap() throws {
        let folder = try TemporaryFolder()
        let missing = folder.url.appendingPathComponent("missing").path
        let error = try #require(throws: MappedFileError.self) { try MappedFile(path: missing) }
        #expect(error.description == "\(missing): cannot open the file: No such file or directory")
        let directory = try #require(throws: MappedFileError.self) { try MappedFile(path: folder.url.path) }
        #expect(directory.description == "\(folder.url.path): is not a regular file")
    }

    @Test func refusesARangeOutsideTheFile() async throws {
        await #expect(processExitsWith: .failure) {
            let file = try MappedFile(path: "/etc/hostname")
            file.withBytes(in: 0..<file.count + 1) { _ in }
        }
    }
}
