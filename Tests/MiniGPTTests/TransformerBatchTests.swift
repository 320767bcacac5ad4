import Foundation
import Kernels
import Machine
import Programs
import Tensors
import TestSupport
import Testing

@testable import MiniGPT

/// A row's bits depend on its own text and role alone: not on its neighbours, the borders of chunks, the blocks of the cache
/// or the number of workers.
@Suite("Transformer: the bits of a row")
struct TransformerBatchTests {
    private static let prompts: [[Int32]] = (0..<16).map { text in
        (0..<(5 + 7 * text % 61)).map { Int32(($0 * 37 + text * 11) % TinyModel.vocabulary) }
    }

    private func model(
        _ architecture: TinyModel.Architecture = .llama, workers: Int = 1,
        _ change: (inout LanguageModelOptions) -> Void = { _ in }
    ) throws -> LanguageModel {
        let path = try TinyModel.write(architecture, quantized: architecture == .llama ? .q4_1 : nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var options = LanguageModelOptions()
        change(&options)
        return try LanguageModel(try ModelWeights(path: path), team: try Team(workers: workers), options: options)
    }

    private func bits(_ logits: UnsafeMutableBufferPointer<Float>) -> [UInt32] { logits.map(\.bitPattern) }

    /// The bits behind a prompt and behind each of some tokens that follow it, alone.
    private func alone(_ model: LanguageModel, _ prompt: [Int32], _ count: Int) -> [[UInt32]] {
        model.reset()
        model.read(prompt)
        return [bits(model.logits)]
            + (0..<count).map { index in
                model.read(Int32(index * 13 % TinyModel.vocabulary))
                return bits(model.logits)
            }
    }

    @Test(
        "A prompt has the same bits in chunks of any length, whole, in blocks, and at every number of workers",
        arguments: TinyModel.Architecture.allCases, CacheFormat.allCases)
    func chunks(_ architecture: TinyModel.Architecture, _ format: CacheFormat) throws {
        // 65 tokens: in chunks of 16 or 64 the last one is alone.
        let prompt = (0..<65).map { Int32($0 * 37 % TinyModel.vocabulary) }
        let expected = alone(try model(architecture) { $0.cache = format }, prompt, 4)
        for chunk in [2, 3, 16, 64, 256] {
            for (page, workers) in [(0, 1), (0, 2), (0, 3), (1, 2), (16, 1), (16, 3), (40, 2)] {
                let other = try model(architecture, workers: workers) {
                    $0.cache = format
                    $0.chunk = chunk
                    $0.page = page
                }
                #expect(
                    alone(other, prompt, 4) == expected, "chunks of \(chunk), blocks of \(page), \(workers) workers")
            }
        }
    }

    @Test(
        "Texts that are written together have the bits of each alone, while others come and go",
        arguments: TinyModel.Architecture.allCases, [2, 8, 16])
    func together(_ architecture: TinyModel.Architecture, _ count: Int) throws {
        let single = try model(architecture)
        let expected = Self.prompts.prefix(count).map { alone(single, $0, 12) }
        for workers in [1, 2, 3] {
            let model = try model(architecture, workers: workers) {
                $0.sequences = count + 1
                $0.chunk = 32
            }
            let batch = Batch()
            var texts: [(index: Int, text: TokenSequence, step: Int)] = []
            var waiting = Array(0..<count)
            var left: (index: Int, text: TokenSequence, read: Int)?
            while !texts.isEmpty || !waiting.isEmpty || left != nil {
                batch.clear()
                for entry in texts {
                    #expect(model.add(Int32(entry.step * 13 % TinyModel.vocabulary), to: entry.text, in: batch))
                }
                // One text at a time reads its prompt, a part of it in each pass, beside those that go on.
                if left == nil, let next = waiting.popLast() { left = (next, model.newText(), 0) }
                var isWhole = false
                if let reading = left {
                    let prompt = Self.prompts[reading.index]
                    let end = min(prompt.count, reading.read + 11)
                    isWhole = end == prompt.count
                    let part = Array(prompt[reading.read..<end])
                    part.withUnsafeBufferPointer {
                        #expect(batch.add(prompt: $0, to: reading.text, isDrawn: isWhole))
                    }
                    left?.read = end
                }
                model.run(batch)
                for (row, entry) in texts.enumerated() {
                    #expect(
                        bits(model.logits(of: row)) == expected[entry.index][entry.step + 1],
                        "text \(entry.index), token \(entry.step), \(workers) workers")
                    texts[row].step += 1
                }
                if isWhole, let reading = left {
                    #expect(
                        bits(model.logits(of: texts.count)) == expected[reading.index][0], "prompt \(reading.index)")
                    texts.append((reading.index, reading.text, 0))
                    left = nil
                }
                texts.removeAll { $0.step == 12 }
            }
            #expect(model.pool.free == model.pool.blocks)
        }
    }

    @Test("A text that is forked goes on as its parent would, and both keep their bits")
    func forked() throws {
        let expected = alone(try model(), Self.prompts[3], 12)
        let model = try model { $0.sequences = 3 }
        model.read(Self.prompts[3])
        let other = model.text.fork()
        let batch = Batch()
        for step in 0..<12 {
            let token = Int32(step * 13 % TinyModel.vocabulary)
            batch.clear()
            #expect(model.add(token, to: other, in: batch))
            // The parent reads something else.
            #expect(model.add(token + 1, to: model.text, in: batch))
            model.run(batch)
            #expect(bits(model.logits(of: 0)) == expected[step + 1])
            #expect(bits(model.logits(of: 1)) != expected[step + 1])
        }
    }
}
