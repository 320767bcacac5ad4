import Foundation
import Kernels
import Machine
import MiniGPT
import TestSupport
import Testing

/// A single token goes another way than a chunk: cheap steps by every worker, and a cache that is read as it is stored.
@Suite("Language models: the pass of one token")
struct TokenPassTests {
    private static let text: [Int32] = (0..<100).map { Int32($0 * 37 % TinyModel.vocabulary) }

    /// The logits behind every token, read one by one.
    private func logits(
        _ architecture: TinyModel.Architecture, workers: Int = 1, forced: String? = nil,
        _ change: (inout LanguageModelOptions) -> Void = { _ in }
    ) throws -> [[Float]] {
        let path = try TinyModel.write(architecture)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LanguageModelOptions()
        change(&options)
        let model = try LanguageModel(
            try ModelWeights(path: path), team: try Team(workers: workers),
            choices: KernelChoices(forced: try ForcedVariants(forced)),
            options: options)
        return Self.text.map { token in
            model.read(token)
            return Array(model.logits)
        }
    }

    private func distance(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a.joined(), b.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(
        "Attention that reads the cache as it is stored agrees with the family's over what is laid out",
        arguments: TinyModel.Architecture.allCases, [CacheFormat.f32, .q8])
    func agrees(_ architecture: TinyModel.Architecture, _ format: CacheFormat) throws {
        let direct = try logits(architecture) { $0.cache = format }
        let family = try logits(architecture, forced: "attention=rowwise") { $0.cache = format }
        // The same 8 bits are read by both unless a last bit before rounding tips a value over to its neighbour.
        #expect(distance(direct, family) <= (format == .f32 ? 1e-5 : 1e-2))
        #expect(direct.joined().contains { $0 != 0 })
    }

    @Test("Pages in any order have the bits of a whole cache, token by token", arguments: CacheFormat.allCases)
    func pages(_ format: CacheFormat) throws {
        let whole = try logits(.llama) { $0.cache = format }
        for page in [1, 7, 16, 64] {
            let paged = try logits(.llama) {
                $0.cache = format
                $0.page = page
            }
            #expect(paged == whole, "pages of \(page)")
        }
    }

    @Test("The same bits for every number of workers, token by token", arguments: TinyModel.Architecture.allCases)
    func workers(_ architecture: TinyModel.Architecture) throws {
        for format in CacheFormat.allCases {
            let one = try logits(architecture) { $0.cache = format }
            for count in [2, 3, 5] {
                #expect(try logits(architecture, workers: count) { $0.cache = format } == one, "\(count) workers")
            }
        }
    }
}
