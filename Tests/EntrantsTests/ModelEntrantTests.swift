import Foundation
import Harness
import Kernels
import Machine
import Records
import Testing
import Tokenizers

@testable import Entrants

@Suite struct ModelEntrantTests {
    let options = ContestOptions(features: CPU.features, seed: 1, lastLevelCacheBytes: 1 << 25)

    @Test func aMadeTextIsItsSeed() {
        let text = MadeText.bytes(20_000, seed: 1)
        #expect(text.count == 20_000)
        #expect(text == MadeText.bytes(20_000, seed: 1))
        #expect(text != MadeText.bytes(20_000, seed: 2))
        #expect(String(validating: text, as: UTF8.self) != nil)
        // As in a language, the most frequent words are a good part of it.
        let words = text.split(separator: 0x20).reduce(into: [:]) { $0[Array($1), default: 0] += 1 }
        let most = words.values.sorted().suffix(20).reduce(0, +)
        #expect(most * 5 > words.values.reduce(0, +) && words.count > 500)
    }

    @Test(arguments: TokenizerProblem.Task.allCases)
    func tokenizersAreRightBeforeTheyAreTimed(_ task: TokenizerProblem.Task) throws {
        let problem = TokenizerProblem(task: task, bytes: 30_000, vocabulary: 600)
        let contest = problem.contest(workload: "w", options: options, team: try Team(workers: 1))
        #expect(contest.subjects.count == (task == .train ? 1 : 2) && contest.skipped.isEmpty)
        for subject in contest.subjects {
            let trial = try subject.open()
            guard case .right(let record) = trial.verify() else {
                Issue.record("\(subject.blank.variant)")
                continue
            }
            #expect(record.count > 1000)
            // What has not run since the outputs were marked is not right.
            trial.poison()
            guard case .wrong = trial.recheck() else {
                Issue.record("\(subject.blank.variant) is right without running")
                continue
            }
            trial.run(times: 2)
            guard case .right = trial.recheck() else {
                Issue.record("\(subject.blank.variant) after timing")
                continue
            }
        }
        #expect(contest.subjects[0].blank.cost.items?.unit == (task == .train ? "bytes" : "tokens"))
        let two = problem.contest(workload: "w", options: options, team: try Team(workers: 2))
        #expect(two.subjects.isEmpty && two.skipped.count == contest.subjects.count)
    }

    @Test func aMergeThatIsNotTheMostFrequentIsFound() throws {
        let text = MadeText.bytes(10_000, seed: 3)
        let trained = try BytePairEncoding.train([text], vocabularySize: 300)
        #expect(MergeCheck.fault(in: trained, learnedFrom: text) == nil)
        // The same tokenizer, said to be learned from another text.
        let other = MadeText.bytes(10_000, seed: 4).map { $0 == 0x65 ? 0x78 : $0 }
        #expect(MergeCheck.fault(in: trained, learnedFrom: other)?.contains("merge") == true)
    }

    @Test func logitsOfAnotherTextAreOutOfBounds() {
        let bound = LogitBound(layers: 30, inner: 1536, activationsAreRounded: true)
        let exact = LogitBound(layers: 30, inner: 1536, activationsAreRounded: false)
        let expected = (0..<1000).map { Float(($0 * 7919) % 1000) / 100 }
        func isRight(_ bound: LogitBound, _ got: [Float]) -> Bool {
            if case .right = bound.check(got, expected, seed: 1, afterTiming: false) { true } else { false }
        }
        #expect(isRight(bound, expected) && isRight(exact, expected))
        // Deviation 2.9: a share of 0.05 is rounding of activations, and not of sums.
        let near = expected.enumerated().map { $0.element + ($0.offset % 2 == 0 ? 0.15 : -0.15) }
        #expect(isRight(bound, near) && !isRight(exact, near))
        #expect(!isRight(bound, expected.reversed()))
        var broken = expected
        broken[17] = .nan
        #expect(!isRight(bound, broken))
    }
}
