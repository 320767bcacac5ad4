import Foundation
import MiniGPT
import Testing

@Suite("Sampling: distributions by hand, and draws that follow them")
struct SamplerTests {
    /// ln of 8, 4, 2, 1, 1: probabilities 1/2, 1/4, 1/8, 1/16, 1/16.
    let logits: [Float] = [2, 8, 1, 4, 1].map { Foundation.log($0) }

    func probabilities(_ change: (inout Sampling) -> Void, seen: [Int32] = []) -> [Double] {
        var sampling = Sampling()
        sampling.temperature = 1
        change(&sampling)
        var sampler = Sampler(sampling, vocabulary: logits.count)
        for token in seen { sampler.note(token) }
        return logits.withUnsafeBufferPointer { sampler.probabilities($0) }
    }

    func expect(_ got: [Double], _ expected: [Double], _ name: String) {
        for (a, b) in zip(got, expected) { #expect(abs(a - b) < 1e-6, "\(name): \(got)") }
    }

    @Test func temperature() {
        expect(probabilities { _ in }, [1.0 / 8, 1.0 / 2, 1.0 / 16, 1.0 / 4, 1.0 / 16], "1")
        // At one half the odds are squared: 64, 16, 4, 1, 1 of 86.
        expect(probabilities { $0.temperature = 0.5 }, [4, 64, 1, 16, 1].map { $0 / 86.0 }, "1/2")
        expect(probabilities { $0.temperature = 0 }, [0, 1, 0, 0, 0], "greedy")
    }

    @Test func topK() {
        expect(probabilities { $0.topK = 2 }, [0, 2.0 / 3, 0, 1.0 / 3, 0], "2")
        expect(probabilities { $0.topK = 99 }, [1.0 / 8, 1.0 / 2, 1.0 / 16, 1.0 / 4, 1.0 / 16], "all")
        // Of equals, the first.
        expect(probabilities { $0.topK = 4 }, [2.0 / 15, 8.0 / 15, 1.0 / 15, 4.0 / 15, 0], "4")
    }

    @Test func topP() {
        // 1/2 alone reaches 0.4; 1/2 + 1/4 reach 0.7; 1/2 + 1/4 + 1/8 reach 0.8.
        expect(probabilities { $0.topP = 0.4 }, [0, 1, 0, 0, 0], "0.4")
        expect(probabilities { $0.topP = 0.7 }, [0, 2.0 / 3, 0, 1.0 / 3, 0], "0.7")
        expect(probabilities { $0.topP = 0.8 }, [1.0 / 7, 4.0 / 7, 0, 2.0 / 7, 0], "0.8")
        expect(probabilities { $0.topP = 0 }, [0, 1, 0, 0, 0], "0")
    }

    @Test func minP() {
        expect(probabilities { $0.minP = 0.2 }, [1.0 / 7, 4.0 / 7, 0, 2.0 / 7, 0], "a fifth of the highest")
        expect(probabilities { $0.minP = 1 }, [0, 1, 0, 0, 0], "the highest")
    }

    @Test func penaltyAndBias() {
        // ln 8 / 2 is ln √8: positive logits are divided; ln 1 = 0 stays.
        let weights = [2, 8.0.squareRoot(), 1, 4, 1]
        let sum = weights.reduce(0, +)
        expect(probabilities({ $0.repetitionPenalty = 2 }, seen: [1, 2]), weights.map { $0 / sum }, "penalty")
        expect(
            probabilities { $0.bias = [2: Foundation.log(8)] }, [2, 8, 8, 4, 1].map { $0 / 23.0 }, "bias of ln 8")
        expect(probabilities { $0.bias = [1: -.infinity] }, [2, 0, 1, 4, 1].map { $0 / 8.0 }, "banned")
    }

    @Test("10,000 draws: χ² of 4 degrees of freedom below 18.5, which chance exceeds once in a thousand seeds")
    func draws() {
        var sampling = Sampling()
        sampling.temperature = 1
        sampling.seed = 42
        var sampler = Sampler(sampling, vocabulary: logits.count)
        var counts = [0, 0, 0, 0, 0]
        logits.withUnsafeBufferPointer { for _ in 0..<10_000 { counts[Int(sampler.next($0))] += 1 } }
        let expected = [1250.0, 5000, 625, 2500, 625]
        let statistic = zip(counts, expected).reduce(0.0) { $0 + pow(Double($1.0) - $1.1, 2) / $1.1 }
        #expect(statistic < 18.5)
    }

    @Test("The same seed draws the same tokens, another seed others")
    func seeds() {
        func draws(_ seed: UInt64) -> [Int32] {
            var sampling = Sampling()
            sampling.temperature = 1
            sampling.seed = seed
            var sampler = Sampler(sampling, vocabulary: logits.count)
            return logits.withUnsafeBufferPointer { logits in (0..<64).map { _ in sampler.next(logits) } }
        }
        #expect(draws(1) == draws(1))
        #expect(draws(1) != draws(2))
    }

    @Test("Values that make no sense are refused")
    func refused() {
        for change: (inout Sampling) -> Void in [
            { $0.temperature = -1 }, { $0.topP = 1.5 }, { $0.minP = -0.1 }, { $0.repetitionPenalty = 0 },
            { $0.temperature = .nan },
        ] {
            var sampling = Sampling()
            change(&sampling)
            #expect(throws: LanguageModelError.self) { try sampling.check() }
        }
    }
}

@Suite("A stream of text holds back what may change")
struct TextStreamTests {
    func run(_ tokens: [[UInt8]], stops: [String] = []) -> (pieces: [String], stopped: Bool) {
        var stream = TextStream(stops: stops)
        var pieces: [String] = []
        let show = { (piece: ArraySlice<UInt8>) in pieces.append(String(decoding: piece, as: UTF8.self)) }
        for token in tokens { stream.add(token, show) }
        if !stream.isStopped { stream.finish(show) }
        return (pieces, stream.isStopped)
    }

    @Test func characters() {
        let bytes = Array("é€🙂".utf8)
        #expect(run(bytes.map { [$0] }).pieces == ["é", "€", "🙂"])
        #expect(run([Array(bytes.prefix(3)), Array(bytes.dropFirst(3))]).pieces == ["é", "€🙂"])
    }

    @Test func stops() {
        let tokens = ["one ", "tw", "o END", " three"].map { Array($0.utf8) }
        #expect(run(tokens, stops: ["END"]).pieces.joined() == "one two ")
        #expect(run(tokens, stops: ["END"]).stopped)
        // A beginning that comes to nothing is shown in the end.
        let halves = ["a E", "N", "X", " b E"].map { Array($0.utf8) }
        #expect(run(halves, stops: ["END"]).pieces.joined() == "a ENX b E")
        #expect(!run(halves, stops: ["END"]).stopped)
    }
}
