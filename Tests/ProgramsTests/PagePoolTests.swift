import Kernels
import Tensors
import Testing

@testable import Programs

@Suite("Texts on shared blocks of keys and values")
struct PagePoolTests {
    private func pool(texts: Int, slots: Int, page: Int = 4, order: [Int]? = nil) -> PagePool {
        PagePool(format: .f32, layers: 1, heads: 1, dim: 2, page: page, texts: texts, slots: slots, order: order)
    }

    /// Writes a number into a slot of a text, where a pass would.
    private func write(_ value: Float, _ text: TokenSequence, slot: Int) {
        let pool = text.pool
        let row = Int(text.blocks[slot / pool.page]) * pool.page + slot % pool.page
        for part in 0..<2 {
            let base = UnsafeMutableRawPointer(pool.memory.pointer + part * pool.layerBytes)
            base.storeBytes(of: value, toByteOffset: row * 8, as: Float.self)
        }
    }

    @Test("Texts that are forked, go on, go back and end have what a text by itself would have")
    func random() {
        var state: UInt64 = 7
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for order in [nil, Array((0..<6 * 8).reversed())] {
            let pool = pool(texts: 6, slots: 32, order: order)
            // Each text beside the numbers that it should have.
            var texts: [(text: TokenSequence, numbers: [Float])] = []
            for step in 0..<20_000 {
                switch next(10) {
                case 0 where texts.count < 6: texts.append((TokenSequence(in: pool), []))
                case 1 where !texts.isEmpty && texts.count < 6:
                    let parent = texts[next(texts.count)]
                    texts.append((parent.text.fork(), parent.numbers))
                case 2 where !texts.isEmpty: texts.remove(at: next(texts.count))
                case 3 where !texts.isEmpty:
                    let index = next(texts.count)
                    let kept = next(texts[index].numbers.count + 1)
                    texts[index].text.rewind(to: kept)
                    texts[index].numbers.removeLast(texts[index].numbers.count - kept)
                default:
                    guard !texts.isEmpty else { continue }
                    let index = next(texts.count)
                    let rows = 1 + next(3)
                    guard let place = texts[index].text.extend(by: rows) else {
                        #expect(texts[index].numbers.count + rows > 32)
                        continue
                    }
                    #expect(place.position == texts[index].numbers.count)
                    for row in 0..<rows {
                        let value = Float(step * 4 + row)
                        write(value, texts[index].text, slot: place.slot + row)
                        texts[index].numbers.append(value)
                    }
                }
                guard step % 100 == 0 else { continue }
                #expect(pool.isConsistent(with: texts.map(\.text)))
                for (text, numbers) in texts {
                    for (slot, number) in numbers.enumerated() {
                        #expect(text.row(true, layer: 0, head: 0, slot: slot)[0] == number)
                    }
                }
            }
            texts = []
            #expect(pool.free == pool.blocks)
        }
    }

    @Test("A text's blocks follow each other where they are free")
    func together() throws {
        let pool = pool(texts: 2, slots: 16)
        let text = TokenSequence(in: pool)
        _ = try #require(text.extend(by: 9))
        #expect(text.blocks == [0, 1, 2])
        let other = TokenSequence(in: pool)
        _ = try #require(other.extend(by: 1))
        _ = try #require(text.extend(by: 4))
        #expect(text.blocks == [0, 1, 2, 4])
    }

    @Test("Behind a window blocks go back, and slots are counted from the first that is kept")
    func window() throws {
        let pool = pool(texts: 1, slots: 16)
        let text = TokenSequence(in: pool, window: 5)
        for token in 0..<200 {
            let place = try #require(text.extend(by: 1))
            #expect(place.position == token)
            #expect(place.slot + 1 - place.first == min(token + 1, 5))
            #expect(place.slot < 16)
            write(Float(token), text, slot: place.slot)
            for back in 0..<min(token + 1, 5) {
                #expect(text.row(false, layer: 0, head: 0, slot: place.slot - back)[0] == Float(token - back))
            }
        }
        #expect(text.count == 200 && pool.isConsistent(with: [text]))
    }

    @Test("A batch has generated rows, then prompts; what has no room is told")
    func batch() {
        let pool = pool(texts: 2, slots: 8)
        let (a, b) = (TokenSequence(in: pool), TokenSequence(in: pool))
        let batch = Batch()
        #expect(batch.add(generated: 5, to: a))
        let prompt: [Int32] = [1, 2, 3]
        prompt.withUnsafeBufferPointer { #expect(batch.add(prompt: $0, to: b, isDrawn: true)) }
        #expect(batch.rows.map(\.token) == [5, 1, 2, 3])
        #expect(batch.rows.map(\.position) == [0, 0, 1, 2])
        #expect(batch.draws == [0, 3] && batch.generated == 1 && batch.segments.count == 1)
        let long = [Int32](repeating: 0, count: 6)
        long.withUnsafeBufferPointer { #expect(!batch.add(prompt: $0, to: b, isDrawn: true)) }
        #expect(batch.count == 4 && b.count == 3)
    }
}
