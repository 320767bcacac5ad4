import Foundation
import Testing

@testable import Records

/// What `selftest` measured on a shared machine of two cores, judged again from the raw times.
@Suite struct SelfTestTests {
    private func summary(_ name: String) throws -> SelfTestSummary {
        let file = try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: "json"))
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return SelfTestSummary(try decoder.decode(SelfTestRecord.self, from: Data(contentsOf: file)))
    }

    @Test func aKernelAgainstItselfIsNotSlower() throws {
        let group = try #require(try summary("selftest-aa").groups.first)
        #expect(group.slower.of == 475)
        #expect(group.slower.count <= 1, "\(group.slower.count) false alarms")
        #expect(group.faster.count <= 1)
        #expect(abs(group.bias) < 0.0005)
    }

    /// A load in the second half of each comparison moves no verdict, while measuring one side after the other, with the
    /// same times, calls nearly every kernel slower than itself.
    @Test func aLoadInOneHalfRaisesNoAlarm() throws {
        let group = try #require(try summary("selftest-aa-hog").groups.first)
        #expect(group.load == .secondHalf && group.slower.of == 475)
        #expect(group.slower.count <= 1, "\(group.slower.count) false alarms")
        #expect(
            group.slowerOneAfterTheOther.count > 100,
            "the load was too little to prove anything: \(group.slowerOneAfterTheOther.count)")
    }

    /// A load that comes with head's batches and goes with them: no order of batches helps, only evidence.
    @Test func aLoadOnOneSideOnlyRaisesNoAlarm() throws {
        let group = try #require(try summary("selftest-aa-hog-head").groups.first)
        #expect(group.load == .head && group.slower.of == 475)
        #expect(group.slower.count <= 1, "\(group.slower.count) false alarms")
        #expect(group.slowerOneAfterTheOther.count > 100)
    }

    @Test func threePerCentAndOnePerCentAreFound() throws {
        let groups = try summary("selftest-power").groups
        let three = try #require(groups.first { $0.moreWork == 0.03 })
        #expect(three.slower.of == 100 && three.slower.count >= 95)
        #expect(three.longestSeconds <= 5)
        let one = try #require(groups.first { $0.moreWork == 0.01 })
        #expect(one.slower.of == 100 && one.slower.count >= 80)
        #expect(one.longestSeconds <= 20)
    }

    @Test func intervalsHoldTheTruthAsOftenAsTheySay() throws {
        let groups = try ["selftest-aa", "selftest-aa-hog", "selftest-power"].flatMap { try summary($0).groups }
        let (held, all) = groups.reduce((0, 0)) { ($0.0 + $1.covered.count, $0.1 + $1.covered.of) }
        #expect(all == 1150)
        let share = Double(held) / Double(all)
        #expect((0.93...0.97).contains(share), "\(held) of \(all)")
    }

    @Test func timesSurviveBeingKept() throws {
        var trial = SelfTestRecord.Trial(moreWork: 0.1, truth: log(1.1), load: .none, seconds: 1)
        trial.add(base: 1000, head: 1100, disturbedBase: true, disturbedHead: false)
        trial.add(base: 2000, head: 2200, disturbedBase: false, disturbedHead: true)
        let copy = try JSONDecoder().decode(SelfTestRecord.Trial.self, from: JSONEncoder().encode(trial))
        #expect(copy == trial)
        let rounds = copy.rounds(perEpoch: 1)
        #expect(rounds.map(\.disturbedBase) == [true, false] && rounds.map(\.disturbedHead) == [false, true])
        #expect(rounds.map(\.epoch) == [0, 1])
        #expect(rounds.allSatisfy { abs($0.logRatio - log(1.1)) < 1e-9 })
        #expect(copy.oneAfterTheOther.base == [1000] && copy.oneAfterTheOther.head == [2200])
    }
}
