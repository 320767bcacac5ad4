import Foundation
import Kernels
import Machine
import MiniGPT
import TestSupport
import Testing

@Suite("Beam search: the best text, as trying all of them finds it")
struct BeamSearchTests {
    let prompt: [Int32] = [3, 14, 15, 92, 65]

    func model(
        _ architecture: TinyModel.Architecture = .llama, _ change: (inout LanguageModelOptions) -> Void = { _ in }
    )
        throws -> LanguageModel
    {
        let path = try TinyModel.write(architecture)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LanguageModelOptions()
        options.sequences = 1 + TinyModel.vocabulary
        change(&options)
        return try LanguageModel(try ModelWeights(path: path), team: try Team(workers: 1), options: options)
    }

    func logarithms(_ model: LanguageModel, _ tokens: [Int32]) -> [Double] {
        model.reset()
        model.read(tokens)
        let all = (0..<Int32(model.configuration.vocabulary)).map {
            -Perplexity.loss(UnsafeBufferPointer(model.logits), $0)
        }
        return all
    }

    func search(_ model: LanguageModel, _ beams: Beams, maximum: Int, ends: Set<Int32> = []) throws -> GenerationReport
    {
        model.reset()
        let request = GenerationRequest(prompt: prompt, maximum: maximum, ends: ends)
        return try model.generate(request, beams: beams, vocabulary: nil, show: { _ in })
    }

    @Test("One beam takes greedy's tokens", arguments: TinyModel.Architecture.allCases)
    func oneBeam(_ architecture: TinyModel.Architecture) throws {
        let model = try model(architecture)
        let greedy = try model.generate(
            GenerationRequest(prompt: prompt, maximum: 40), vocabulary: nil, show: { _ in })
        let beam = try search(model, Beams(1), maximum: 40)
        #expect(beam.tokens == greedy.tokens)
        #expect(beam.end == greedy.end)
        // A token that greedy comes to ends both.
        let end: Set<Int32> = [greedy.tokens[5]]
        model.reset()
        let ended = try model.generate(
            GenerationRequest(prompt: prompt, maximum: 40, ends: end), vocabulary: nil, show: { _ in })
        let same = try search(model, Beams(1), maximum: 40, ends: end)
        #expect(same.tokens == ended.tokens && same.end == .end)
    }

    @Test("As many beams as there are tokens: the best of all texts of two tokens, or of one that ends")
    func exhaustive() throws {
        let model = try model()
        let count = TinyModel.vocabulary
        let first = logarithms(model, prompt)
        // An end that is likely enough to win where short texts are favoured.
        let likely = first.indices.max { first[$0] < first[$1] } ?? 0
        for (ends, penalty) in [([], 1.0), ([Int32(likely)], 0), ([Int32(likely)], 1), ([Int32(likely)], 4)]
            as [(Set<Int32>, Double)]
        {
            var best: (tokens: [Int32], score: Double) = ([], -.infinity)
            func offer(_ tokens: [Int32], _ sum: Double) {
                let score = sum / pow(Double(tokens.count), penalty)
                if score > best.score { best = (tokens, score) }
            }
            for a in 0..<Int32(count) {
                if ends.contains(a) {
                    offer([a], first[Int(a)])
                    continue
                }
                let second = logarithms(model, prompt + [a])
                for b in 0..<Int32(count) { offer([a, b], first[Int(a)] + second[Int(b)]) }
            }
            let found = try search(model, Beams(count, lengthPenalty: penalty), maximum: 2, ends: ends)
            #expect(found.tokens == best.tokens, "ends \(ends), penalty \(penalty)")
            #expect(abs((found.score ?? 0) - best.score) <= 1e-5)
        }
    }

    @Test("The score is the text's own, and more beams find no worse one here")
    func scores() throws {
        let model = try model()
        var last = -Double.infinity
        for count in [1, 2, 4, 8] {
            let found = try search(model, Beams(count), maximum: 12)
            var sum = 0.0
            for (index, token) in found.tokens.enumerated() {
                sum += logarithms(model, prompt + found.tokens.prefix(index))[Int(token)]
            }
            #expect(found.tokens.count == 12)
            #expect(abs((found.score ?? 0) - sum / 12) <= 1e-5)
            #expect((found.score ?? 0) >= last - 1e-9)
            last = found.score ?? 0
        }
    }

    @Test("A cache in pages, or of fewer bits, is put back as it was", arguments: CacheFormat.allCases)
    func caches(_ format: CacheFormat) throws {
        let whole = try search(try model { $0.cache = format }, Beams(4), maximum: 10)
        let paged = try search(
            try model {
                $0.cache = format
                $0.page = 8
            }, Beams(4), maximum: 10)
        #expect(whole.tokens == paged.tokens)
        #expect(whole.score == paged.score)
    }

    @Test func whatDoesNotGoTogetherIsRefused() throws {
        let model = try model()
        #expect(throws: LanguageModelError.self) { try search(model, Beams(0), maximum: 1) }
        #expect(throws: LanguageModelError.self) { try search(model, Beams(2, lengthPenalty: .nan), maximum: 1) }
        var request = GenerationRequest(prompt: prompt, maximum: 1)
        request.sampling.temperature = 1
        #expect(throws: LanguageModelError.self) {
            try model.generate(request, beams: Beams(2), vocabulary: nil, show: { _ in })
        }
        let windowed = try self.model { $0.window = 8 }
        #expect(throws: LanguageModelError.self) { try search(windowed, Beams(2), maximum: 1) }
    }
}
