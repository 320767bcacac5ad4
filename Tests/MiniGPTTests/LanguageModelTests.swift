import CMachine
import Foundation
import Kernels
import Machine
import Programs
import Tensors
import TestSupport
import Testing

@testable import MiniGPT

@Suite("Language models: one decoder, several ways to run it")
struct LanguageModelTests {
    let text: [Int32] = (0..<40).map { Int32($0 * 37 % TinyModel.vocabulary) }

    func model(
        _ architecture: TinyModel.Architecture, quantized: QuantizationFormat? = nil, workers: Int = 1,
        _ change: (inout LanguageModelOptions) -> Void = { _ in }
    ) throws -> LanguageModel {
        let path = try TinyModel.write(architecture, quantized: quantized)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LanguageModelOptions()
        change(&options)
        return try LanguageModel(try ModelWeights(path: path), team: try Team(workers: workers), options: options)
    }

    /// The logits behind every token.
    func logits(_ model: LanguageModel, _ tokens: [Int32]) -> [[Float]] {
        model.reset()
        var rows: [[Float]] = []
        model.read(tokens) { _, logits in rows.append(Array(logits)) }
        return rows
    }

    func distance(_ a: [[Float]], _ b: [[Float]]) -> Float {
        zip(a.joined(), b.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test(
        "A prompt token by token, in chunks and at once: the same logits within 1e-5",
        arguments: TinyModel.Architecture.allCases)
    func cached(_ architecture: TinyModel.Architecture) throws {
        let whole = logits(try model(architecture) { $0.chunk = 64 }, text)
        let chunks = logits(try model(architecture) { $0.chunk = 16 }, text)
        let stepwise = try model(architecture)
        var single: [[Float]] = []
        for token in text {
            stepwise.read(token)
            single.append(Array(stepwise.logits))
        }
        #expect(whole.count == text.count)
        #expect(distance(whole, chunks) <= 1e-5)
        #expect(distance(whole, single) <= 1e-5)
        // The last logits are those that generation goes on from.
        let last = try model(architecture)
        last.read(text)
        #expect(distance([Array(last.logits)], [whole[text.count - 1]]) <= 1e-5)
    }

    @Test("Attention sees the past and not the future", arguments: TinyModel.Architecture.allCases)
    func causal(_ architecture: TinyModel.Architecture) throws {
        let model = try model(architecture)
        var other = text
        other[20] = (other[20] + 1) % Int32(TinyModel.vocabulary)
        let (a, b) = (logits(model, text), logits(model, other))
        #expect(distance(Array(a[..<20]), Array(b[..<20])) == 0)
        #expect(distance([a[30]], [b[30]]) > 1e-3)
    }

    @Test("Pages in any order have the bits of a whole cache", arguments: CacheFormat.allCases)
    func paged(_ format: CacheFormat) throws {
        let whole = try model(.llama) { $0.cache = format }
        let paged = try model(.llama) {
            $0.cache = format
            $0.page = 8
        }
        #expect(logits(whole, text) == logits(paged, text))
        for token in text {
            whole.read(token)
            paged.read(token)
            #expect(Array(whole.logits) == Array(paged.logits))
        }
    }

    @Test("bf16 and 8 bits of keys and values stay near f32")
    func formats() throws {
        let exact = logits(try model(.llama), text)
        let half = logits(try model(.llama) { $0.cache = .bf16 }, text)
        let eighth = logits(try model(.llama) { $0.cache = .q8 }, text)
        let size = exact.joined().reduce(0) { max($0, abs($1)) }
        // Relative steps of 2⁻⁸ and 1/127; the layers behind neither amplify nor hide them.
        #expect(distance(exact, half) > 0 && distance(exact, half) <= size * 0.02)
        #expect(distance(exact, eighth) > 0 && distance(exact, eighth) <= size * 0.05)
    }

    @Test("A cache of 8 bits takes less than a third and a half of one in f32")
    func cacheBytes() {
        let caches = CacheFormat.allCases.map {
            PagePool(format: $0, layers: 2, heads: 3, dim: 64, page: 100, texts: 1, slots: 100)
        }
        #expect(caches[0].bytes == 2 * 2 * 3 * 64 * 100 * 4)
        #expect(caches[1].bytes * 2 == caches[0].bytes)
        #expect(Double(caches[0].bytes) / Double(caches[2].bytes) > 3.5)
        #expect(caches[2].bytesPerToken == 2 * 2 * 3 * (64 + 8))
    }

    @Test(
        "A window as long as the text changes nothing; a shorter one is a text that begins later, in one layer's reach")
    func window() throws {
        let full = try model(.llama)
        let wide = try model(.llama) { $0.window = 64 }
        let narrow = try model(.llama) {
            $0.window = 8
            $0.chunk = 4
        }
        for token in text {
            full.read(token)
            wide.read(token)
            narrow.read(token)
        }
        #expect(Array(full.logits) == Array(wide.logits))
        #expect(Array(full.logits) != Array(narrow.logits))
        // Two layers of 8 tokens see 15 back: what was before cannot matter, nor that the cache has slid.
        let later = try model(.llama) { $0.window = 8 }
        var other = text
        for index in 0..<20 { other[index] = (other[index] + 5) % Int32(TinyModel.vocabulary) }
        for token in other { later.read(token) }
        #expect(Array(narrow.logits) == Array(later.logits))
    }

    @Test("The same bits for every number of workers", arguments: [nil, QuantizationFormat.q4_1, .q8_0])
    func workers(_ format: QuantizationFormat?) throws {
        let one = try model(.llama, quantized: format, workers: 1)
        for workers in [2, 3] {
            let several = try model(.llama, quantized: format, workers: workers)
            #expect(logits(one, text) == logits(several, text))
            one.reset()
            several.reset()
            for token in text.prefix(10) {
                one.read(token)
                several.read(token)
                #expect(Array(one.logits) == Array(several.logits))
            }
        }
    }

    @Test("Going back reads on as if the rest had not been there")
    func rewind() throws {
        let model = try model(.llama)
        for token in text.prefix(10) { model.read(token) }
        let expected = Array(model.logits)
        for token in text.dropFirst(10) { model.read(token) }
        model.rewind(to: 9)
        model.read(text[9])
        #expect(Array(model.logits) == expected)
    }

    @Test(
        "A model of Hugging Face, with its names, transposes and pairs, is the same model as its GGUF file",
        arguments: TinyModel.Architecture.allCases)
    func huggingFace(_ architecture: TinyModel.Architecture) throws {
        let folder = try TinyModel.writeHuggingFace(architecture)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let other = try LanguageModel(try ModelWeights(path: folder), team: try Team(workers: 1))
        let (a, b) = (logits(try model(architecture), text), logits(other, text))
        #expect(distance(a, b) <= 1e-5)
        #expect(a.joined().contains { abs($0) > 0.1 })
        #expect(other.weights.parameterCount == (try model(architecture)).weights.parameterCount)
    }

    @Test("Bad models and options are refused with a line that says what would be accepted")
    func refused() throws {
        let path = try TinyModel.write(.llama)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let weights = try ModelWeights(path: path)
        let team = try Team(workers: 1)
        var options = LanguageModelOptions()
        options.capacity = TinyModel.context + 1
        #expect(throws: LanguageModelError.self) { try LanguageModel(weights, team: team, options: options) }
        options.capacity = nil
        options.window = 0
        #expect(throws: LanguageModelError.self) { try LanguageModel(weights, team: team, options: options) }
        let model = try LanguageModel(weights, team: team)
        for prompt: [Int32] in [[], [Int32(TinyModel.vocabulary)], [-1], Array(repeating: 1, count: 129)] {
            #expect(throws: LanguageModelError.self) {
                try model.generate(GenerationRequest(prompt: prompt, maximum: 1), vocabulary: nil, show: { _ in })
            }
        }
        #expect(throws: LanguageModelError.self) { try ModelWeights(path: "/nonexistent.gguf") }
        // Not a model at all.
        let text = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try Data("{}".utf8).write(to: text)
        defer { try? FileManager.default.removeItem(at: text) }
        #expect(throws: LanguageModelError.self) { try ModelWeights(path: text.path) }
    }

    @Test("config.json: the base of positions at either place, a head that has to be there, arithmetic not known")
    func huggingFaceFields() throws {
        func logits(_ changes: [String: Any?]) throws -> [[Float]] {
            let path = try TinyModel.writeHuggingFace(.llama, changes: changes)
            defer { try? FileManager.default.removeItem(atPath: path) }
            let weights = try ModelWeights(path: path)
            return self.logits(try LanguageModel(weights, team: try Team(workers: 1)), [1, 2, 3, 4])
        }
        let usual = try logits([:])
        let old = try logits(["rope_theta": 500.0])
        let new = try logits(["rope_theta": nil, "rope_parameters": ["rope_theta": 500.0, "rope_type": "default"]])
        #expect(old == new && old != usual)
        for (key, value) in [
            ("tie_word_embeddings", false as Any), ("num_hidden_layers", 1), ("rms_norm_eps", 0.0),
            ("rope_parameters", ["rope_type": "llama3"]), ("rope_theta", -1.0), ("attention_bias", true),
            ("mlp_bias", true), ("partial_rotary_factor", 0.5),
        ] {
            #expect(throws: LanguageModelError.self, "\(key)") { try logits([key: value]) }
        }
        let path = try TinyModel.writeHuggingFace(.gpt2, changes: ["scale_attn_by_inverse_layer_idx": true])
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: LanguageModelError.self) { try ModelWeights(path: path) }
    }

    @Test("Logits that are no numbers end a text; a prompt can be cancelled between its chunks")
    func brokenAndCancelled() throws {
        let model = try model(.llama) { $0.chunk = 8 }
        let prompt = (0..<32).map { Int32($0 % 7) }
        var asked = 0
        let report = try model.generate(
            GenerationRequest(prompt: prompt, maximum: 4), vocabulary: nil,
            isCancelled: {
                asked += 1
                return asked == 2
            }, show: { _ in })
        #expect(report.end == .cancelled && report.tokens.isEmpty && model.position == 16)
        try model.checkLogits()
        for value in [Float.nan, -.infinity, .infinity] {
            model.logits[3] = value
            #expect(throws: LanguageModelError.self) { try model.checkLogits() }
        }
    }

    @Test("Generation fills the context and says so")
    func fillsContext() throws {
        let model = try model(.llama) { $0.capacity = 16 }
        let report = try model.generate(
            GenerationRequest(prompt: Array(text.prefix(10)), maximum: 100), vocabulary: nil, show: { _ in })
        #expect(report.end == .context)
        #expect(report.tokens.count == 7)
    }

    @Test("A variant that is forced is called; one that a model cannot call is refused")
    func forced() throws {
        let path = try TinyModel.write(.llama)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let weights = try ModelWeights(path: path)
        let team = try Team(workers: 1)
        let model = try LanguageModel(
            weights, team: team, choices: KernelChoices(forced: try ForcedVariants("attention=rowwise")))
        let attention = model.kernels.decisions.filter { $0.family == "attention" }
        // Generated tokens are computed as a prompt's.
        #expect(attention.count == 1)
        #expect(model.plans.map(\.phase.kind) == [.prompt])
        #expect(attention.allSatisfy { $0.variant.hasPrefix("rowwise") && $0.reason == "forced" })
        #expect(throws: PlanError.self) {
            try LanguageModel(
                weights, team: team, choices: KernelChoices(forced: try ForcedVariants("attention=reference")))
        }
    }

    /// In a process of its own, because other tests allocate meanwhile.
    @Test("Tokens that are read one by one leave no byte allocated")
    func allocations() async {
        await #expect(processExitsWith: .success) { try LanguageModelTests().readWithoutAllocating() }
    }

    private func readWithoutAllocating() throws {
        let model = try model(.llama, quantized: .q8_0)
        for token in text.prefix(8) { model.read(token) }
        var sampling = Sampling()
        sampling.temperature = 0.8
        sampling.topK = 20
        sampling.topP = 0.9
        var sampler = Sampler(sampling, vocabulary: TinyModel.vocabulary)
        _ = sampler.next(UnsafeBufferPointer(model.logits))
        let before = mg_heap_bytes()
        for _ in 0..<50 { model.read(sampler.next(UnsafeBufferPointer(model.logits))) }
        #expect(mg_heap_bytes() == before)
    }
}
