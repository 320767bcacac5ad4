import Records
import Testing

@testable import Harness

@Suite struct StoppingRuleTests {
    private let options = RunnerOptions(
        timeBoxNanoseconds: 1_000_000, minimumSamples: 30, targetHalfWidth: 0.01, maximumSamples: 200)

    @Test func steadySamplesStopAtTheMinimum() {
        var rule = StoppingRule(options)
        for taken in 1...30 {
            #expect(!rule.isFinished, "after \(taken - 1) samples")
            rule.add(100, spent: 100)
        }
        #expect(rule.reason == .precise)
    }

    @Test func noisySamplesGoOnToTheLast() {
        var rule = StoppingRule(options)
        var taken = 0
        while !rule.isFinished {
            rule.add(taken.isMultiple(of: 2) ? 50 : 150, spent: 100)
            taken += 1
        }
        #expect(rule.reason == .samples)
        #expect(taken == 200)
    }

    @Test func enoughTimeEndsWhatHasItsSamplesAndNothingElse() {
        var options = options
        options.enoughNanoseconds = 200_000
        // 30 samples of 5 µs are too early, 30 of 20 µs are late: the rule waits for both.
        for (spent, expected) in [(UInt64(5_000), 40), (20_000, 30)] {
            var rule = StoppingRule(options)
            var taken = 0
            while !rule.isFinished {
                rule.add(taken.isMultiple(of: 2) ? 50 : 150, spent: spent)
                taken += 1
            }
            #expect(rule.reason == .timeBox)
            #expect(taken == expected)
        }
    }

    @Test func theTimeBoxEndsEvenWhatIsNotPrecise() {
        var rule = StoppingRule(options)
        var taken = 0
        while !rule.isFinished {
            rule.add(taken.isMultiple(of: 2) ? 50 : 150, spent: 100_000)
            taken += 1
        }
        #expect(rule.reason == .timeBox)
        #expect(taken == 10)
        #expect(rule.nanosecondsLeft == 0)
    }

    @Test func evenAKernelSlowerThanTheBoxGetsItsFewestSamples() {
        var rule = StoppingRule(options)
        rule.begin(spent: 5_000_000)
        for _ in 1..<RunnerOptions.fewestSamples {
            rule.add(9_000_000, spent: 9_000_000)
            #expect(!rule.isFinished)
        }
        rule.add(9_000_000, spent: 9_000_000)
        #expect(rule.reason == .timeBox)
    }
}

@Suite struct RotationTests {
    /// Over as many rounds as there are subjects, or twice as many, each stands equally often at each place.
    @Test(arguments: 1...7)
    func everyoneTakesEveryPlaceEquallyOften(count: Int) {
        let rounds = 2 * count
        var places = [[Int]](repeating: [Int](repeating: 0, count: count), count: count)
        for round in 0..<rounds {
            let order = Rotation.order(count: count, round: round)
            #expect(order.sorted() == Array(0..<count))
            for (place, subject) in order.enumerated() { places[subject][place] += 1 }
        }
        for counts in places { #expect(counts.allSatisfy { $0 == 2 }, "\(places)") }
    }

    @Test func theBeginningIsAPermutationThatTheSeedDecides() {
        #expect(Rotation.beginning(count: 9, seed: 1).sorted() == Array(0..<9))
        #expect(Rotation.beginning(count: 9, seed: 1) == Rotation.beginning(count: 9, seed: 1))
        #expect((1...20).contains { Rotation.beginning(count: 9, seed: $0) != Rotation.beginning(count: 9, seed: 1) })
    }
}
