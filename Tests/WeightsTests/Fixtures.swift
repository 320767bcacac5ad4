import Foundation
import Testing

/// The files that `scripts/fixtures/weights.py` made with the formats' own Python packages, and what is in them.
enum Fixtures {
    struct Expected: Decodable {
        struct GGUF: Decodable {
            struct Tensor: Decodable {
                let name: String
                let dimensions: [Int]
                let type: String
                let offset: Int
                let byteCount: Int
                let sha256: String
            }
            let version: Int
            let alignment: Int
            let dataOffset: Int
            let tensors: [Tensor]
        }
        struct SafeTensors: Decodable {
            struct Tensor: Decodable {
                let name: String
                let shape: [Int]
                let type: String
                let sha256: String
            }
            let metadata: [String: String]
            let tensors: [Tensor]
        }
        struct StorageType: Decodable {
            let id: UInt32
            let name: String
            let blockSize: Int
            let bytesPerBlock: Int
        }
        let types: [StorageType]
        let tiny: GGUF
        let aligned: GGUF
        let safetensors: SafeTensors

        enum CodingKeys: String, CodingKey {
            case types
            case tiny = "tiny.gguf"
            case aligned = "aligned64.gguf"
            case safetensors = "tiny.safetensors"
        }
    }

    static func path(_ name: String) throws -> String {
        try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: try path(name))))
    }

    static func expected() throws -> Expected {
        try JSONDecoder().decode(Expected.self, from: Data(try bytes("expected.json")))
    }
}

/// A folder that is there for one test.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("weights-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Writes a file and says where it is.
    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let target = url.appendingPathComponent(name)
        try Data(bytes).write(to: target)
        return target.path
    }
}

/// A generator whose draws depend on its seed only (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// The bytes of a number as GGUF and SafeTensors write it.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
