import Foundation
import Records
import Testing

@testable import History

struct HistorySeriesTests {
    private func index(_ runs: [Run]) throws -> (RunFolder, HistoryIndex) {
        let folder = try RunFolder()
        for run in runs { try folder.keep(run) }
        let index = try HistoryIndex(directory: folder.directory)
        _ = try index.refresh()
        return (folder, index)
    }

    private let attention = HistoryQuery(suite: "attention", families: ["attention"])

    @Test func aSeriesHasItsPointsInOrderOfTime() throws {
        let (_, index) = try index([3, 1, 2].map { RunFolder.run($0, median: Double($0) * 100) })
        let series = try index.series(attention)
        #expect(series.map(\.variant) == ["flash__avx512", "rowwise__avx2"])
        #expect(series[0].points.map(\.median) == [100, 200, 300])
        #expect(series[0].points.map(\.revision) == ["rev1", "rev2", "rev3"])
        #expect(series[0].points.map(\.dirty) == [true, false, true])
        #expect(series[0].points.map(\.low) == [99, 198, 297])
        #expect(series[0].points.map(\.count) == [7, 7, 7])
        // What was wrong is in its history, without a number.
        #expect(series[1].points.map(\.verdict) == ["failed", "failed", "failed"])
        #expect(series[1].points.allSatisfy { $0.median == nil && $0.count == nil })
    }

    @Test func aStepIsFoundAndNamed() throws {
        let (_, index) = try index(
            (0..<30).map { RunFolder.run($0, median: ($0 < 18 ? 1000 : 1052) * (1 + Double($0 * 7 % 5) * 0.001)) })
        let series = try #require(try index.series(attention).first)
        let step = try #require(series.steps.first)
        #expect(series.steps.count == 1 && step.index == 18)
        #expect(series.points[step.index].run == "run-18")
        #expect(abs(step.change - 0.052) < 0.002)
        #expect(step.probability < 1e-4)
    }

    @Test func aRunWithoutATimeDoesNotMoveAStep() throws {
        var runs = (0..<24).map { RunFolder.run($0, median: $0 < 12 ? 1000 : 1100) }
        for number in [3, 15] {
            runs[number].measurements[0].verdict = .failed(reason: "off")
            runs[number].measurements[0].statistic = nil
            runs[number].measurements[0].samples = []
        }
        let (_, index) = try index(runs)
        let series = try #require(try index.series(attention).first)
        #expect(series.points.count == 24)
        #expect(series.steps.map(\.index) == [12])
    }

    @Test func everyFilterNarrows() throws {
        var other = RunFolder.run(2)
        other.environment.cpu = "another CPU"
        var team = RunFolder.run(3)
        team.measurements[0].threads = 2
        let (_, index) = try index([RunFolder.run(1), other, team])
        func points(_ change: (inout HistoryQuery) -> Void) throws -> [String] {
            var query = attention
            query.variant = "flash__avx512"
            change(&query)
            return try index.series(query).flatMap(\.points).map(\.run).sorted()
        }
        #expect(try points { _ in } == ["run-1", "run-2", "run-3"])
        #expect(try points { $0.variant = "flash" } == ["run-1", "run-2", "run-3"])
        #expect(try points { $0.variant = "fla" } == [])
        #expect(try points { $0.threads = 2 } == ["run-3"])
        #expect(try points { $0.problem = "t64" } == ["run-1", "run-2", "run-3"])
        #expect(try points { $0.problem = "GPT2" } == ["run-1", "run-2", "run-3"])
        #expect(try points { $0.problem = "T65" } == [])
        #expect(try points { $0.since = RunFolder.run(2).started } == ["run-2", "run-3"])
        #expect(try points { $0.machine = MachineIdentity(other.environment).key } == ["run-2"])
        #expect(try points { $0.suite = nil } == ["run-1", "run-2", "run-3"])
        #expect(try points { $0.suite = "ffn" } == [])
        // Times of two machines, or of two team sizes, are never in one series.
        #expect(try index.series(attention).filter { $0.variant == "flash__avx512" }.count == 3)
    }

    @Test(arguments: ["all", "attention+ffn", "ffn+attention"]) func runsOfSeveralSuitesCount(suite: String) throws {
        let (_, index) = try index([RunFolder.run(1, suite: suite)])
        #expect(try index.series(attention).count == 2)
        #expect(try index.series(HistoryQuery(suite: "norm", families: ["norm"])).isEmpty)
    }

    @Test func debugBuildsAndSkippedVariantsHaveNoHistory() throws {
        var debug = RunFolder.run(2)
        debug.environment.build = "debug"
        let (_, index) = try index([RunFolder.run(1), debug])
        #expect(Set(try index.series(attention).flatMap(\.points).map(\.run)) == ["run-1"])
        #expect(try index.values(of: .variant, in: attention) == ["flash__avx512", "rowwise__avx2"])
    }

    /// Two runs are too few for a step, and yet not nothing.
    @Test func aTailThatIsApartIsTold() throws {
        let runs = (0..<10).map { number in
            RunFolder.run(number, median: (number < 8 ? 1000 : 2000) * (1 + Double(number * 7 % 5) * 0.001))
        }
        let (_, index) = try index(runs)
        let series = try #require(try index.series(attention).first)
        #expect(series.steps.isEmpty)
        let tail = try #require(series.tail)
        #expect(tail.count == 2 && abs(tail.change - 1) < 0.01 && tail.needed == 2)
        #expect(OpenTail.find(in: (0..<10).map { 1000 + Double($0 * 7 % 5) }[...]) == nil)
        #expect(OpenTail.find(in: [1000, 1001, 2000]) == nil, "two runs before it are too few")
    }

    @Test func whatElseChangedAtAStepIsTold() throws {
        let runs = (0..<30).map { number in
            var run = RunFolder.run(number, median: number < 18 ? 1000 : 1100)
            if number >= 18 { run.environment.compiler = "Swift 6.4" }
            run.environment.revision = "rev\(number)"
            return run
        }
        let (_, index) = try index(runs)
        let series = try #require(try index.series(attention).first)
        #expect(series.steps.map(\.index) == [18])
        #expect(series.contexts.map(\.index) == [18])
        let changes = try #require(series.contexts.first?.changes)
        #expect(
            changes.count == 1 && changes[0].hasPrefix("environment.compiler: ") && changes[0].contains("Swift 6.4"))
    }

    @Test func quickRunsAreApartAndBusyOrUnfinishedOnesMarked() throws {
        var quick = RunFolder.run(1)
        quick.settings.quick = true
        var busy = RunFolder.run(2)
        busy.settings.quick = false
        busy.environment.loadAverage = [7.5]
        busy.unfinished = RunProgress(contests: 1, total: 2)
        let (_, index) = try index([quick, busy])
        let series = try index.series(attention).filter { $0.variant == "flash__avx512" }
        #expect(series.map(\.quick) == [false, true])
        #expect(series[0].points.map(\.load) == [7.5] && series[0].points.map(\.unfinished) == [true])
        #expect(series[1].points.map(\.unfinished) == [nil])
        #expect(Set(try index.trends().map(\.quick)) == [false, true])
    }

    /// Only a step up that still holds, and is recent enough.
    @Test func whatWasTakenBackIsNoAlarm() throws {
        func series(_ level: (Int) -> Double) throws -> HistorySeries {
            let (_, index) = try index((0..<30).map { RunFolder.run($0, median: level($0)) })
            return try #require(try index.series(attention).first)
        }
        let up = try series { $0 < 15 ? 1000 : 1100 }
        #expect(up.alarm(beyond: 0.05, since: nil)?.index == 15)
        #expect(up.alarm(beyond: 0.2, since: nil) == nil)
        #expect(up.alarm(beyond: 0.05, since: RunFolder.run(15).started)?.index == 15)
        #expect(up.alarm(beyond: 0.05, since: RunFolder.run(16).started) == nil)
        let back = try series { (10..<20).contains($0) ? 1100 : 1000 }
        #expect(back.steps.count == 2 && back.alarm(beyond: 0.05, since: nil) == nil)
        let down = try series { $0 < 15 ? 1100 : 1000 }
        #expect(down.alarm(beyond: 0.05, since: nil) == nil)
    }

    @Test func namesCanBeAnything() throws {
        var run = RunFolder.run(1)
        run.measurements[0].variant = "a'; DROP TABLE run; --%_"
        run.measurements[0].problem.label = "µ \u{1B}[31m"
        let (_, index) = try index([run])
        var query = attention
        query.variant = run.measurements[0].variant
        query.problem = "µ"
        #expect(try index.series(query).map(\.problem) == ["µ \u{1B}[31m"])
        query.variant = "%"
        #expect(try index.series(query).isEmpty)
    }
}

struct MachineIdentityTests {
    @Test func theKeyIsTheSameEverywhereAndForever() {
        let identity = MachineIdentity(RunFolder.run(1).environment)
        #expect(identity.description == "bench: CPU, 1 cores, 2 logical CPUs, L1 32 KiB, 8 GiB")
        // FNV-1a of that text.
        var hash: UInt32 = 2_166_136_261
        for byte in identity.description.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        #expect(UInt32(identity.key, radix: 16) == hash && identity.key.count == 8)
    }

    @Test func whatChangesFromRunToRunIsNotInIt() {
        let environment = RunFolder.run(1).environment
        var later = environment
        later.kernel = "another"
        later.loadAverage = [9]
        later.memoryBytes -= 4096
        later.revision = "other"
        later.cpuset = [0]
        #expect(MachineIdentity(later) == MachineIdentity(environment))
    }

    @Test func anotherMachineHasAnotherKey() {
        let environment = RunFolder.run(1).environment
        let changes: [(inout RunEnvironment) -> Void] = [
            { $0.hostname = "x" }, { $0.cpu = "x" }, { $0.cores = 3 }, { $0.logicalCPUs = 8 },
            { $0.caches[0].bytes *= 2 }, { $0.memoryBytes *= 2 }, { $0.virtualization = "KVM" },
        ]
        let keys = changes.map { change in
            var other = environment
            change(&other)
            return MachineIdentity(other).key
        }
        #expect(Set(keys + [MachineIdentity(environment).key]).count == changes.count + 1)
    }
}
