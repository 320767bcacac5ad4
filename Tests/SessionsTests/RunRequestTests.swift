import Foundation
import Records
import Sessions
import Suites
import Testing

@Suite struct RunRequestTests {
    @Test(arguments: [
        ("seq=32..4096x2", [SweepAxis(name: "seq", values: [32, 64, 128, 256, 512, 1024, 2048, 4096])]),
        ("tokens=1,8,64", [SweepAxis(name: "tokens", values: [1, 8, 64])]),
        ("dim=64..128+32", [SweepAxis(name: "dim", values: [64, 96, 128])]),
        (
            "seq=0..2+1,9,dim=40",
            [SweepAxis(name: "seq", values: [0, 1, 2, 9]), SweepAxis(name: "dim", values: [40])]
        ),
        ("seq=7..7x3", [SweepAxis(name: "seq", values: [7])]),
    ])
    func sweepsAreParsed(text: String, expected: [SweepAxis]) throws {
        #expect(try RunRequest.sweep(text) == expected)
    }

    @Test(arguments: [
        "seq", "=5", "seq=", "seq=a", "seq=-1", "seq=8..4x2", "seq=1..8x1", "seq=0..8x2", "seq=1..8+0", "seq=1..8",
        "5,seq=1", "seq=99999999999999999999", "seq=1..100000+1",
    ])
    func badSweepsAreRefusedInOneLine(text: String) {
        let error = #expect(throws: UsageError.self) { try RunRequest.sweep(text) }
        #expect(error?.description.hasPrefix("--sweep") == true)
        #expect(error?.description.contains("\n") == false)
    }

    @Test func combinationsGoThroughAllAxes() {
        let combinations = SweepAxis.combinations([
            SweepAxis(name: "a", values: [1, 2]), SweepAxis(name: "b", values: [3, 4]),
        ])
        #expect(combinations.map { $0.map(\.value) } == [[1, 3], [1, 4], [2, 3], [2, 4]])
        #expect(SweepAxis.combinations([]).count == 1)
    }

    @Test func suitesAreFoundByNameOrNamed() throws {
        #expect(try RunRequest(suite: "attention").suites().map(\.name) == ["attention"])
        #expect(
            try RunRequest(suite: "softmax, quantized_matmul").suites().map(\.name) == ["softmax", "quantized-matmul"])
        #expect(try RunRequest(suite: "all").suites().count == Suite.all.count)
        let error = #expect(throws: UsageError.self) { try RunRequest(suite: "atention").suites() }
        #expect(error?.description.contains("attention") == true)
    }

    @Test(arguments: ["0", "-1", "two", "1,x", "1025"])
    func badThreadCountsAreRefused(text: String) {
        #expect(throws: UsageError.self) { try RunRequest.threads(text) }
    }

    @Test func otherOptions() throws {
        #expect(try RunRequest.threads("1,2") == [1, 2])
        #expect(try RunRequest.temperatures("hot,cold") == [.hot, .cold])
        #expect(throws: UsageError.self) { try RunRequest.temperatures("warm") }
        #expect(throws: UsageError.self) { try RunRequest.timeBox(0) }
        #expect(throws: UsageError.self) { try RunRequest.timeBox(.nan) }
        var request = RunRequest(suite: "norm")
        request.isa = ["avx3"]
        let error = #expect(throws: UsageError.self) { try request.allowedFeatures() }
        #expect(error?.description.contains("avx512") == true)
    }

    @Test func everySuiteHasQuickWorkloadsWithDistinctNames() {
        for suite in Suite.all {
            #expect(suite.workloads.contains { $0.quick }, "\(suite.name) has nothing for --quick")
            let titles = suite.workloads.map { "\($0.name) \($0.label)" }
            #expect(Set(titles).count == titles.count, "\(suite.name) lists a workload twice")
        }
    }

    /// What the command line reads is what an arm and a job are started with.
    @Test func aRequestIsItsArgumentsAndItsJSON() throws {
        var request = RunRequest(suite: "softmax,norm")
        #expect(request.arguments == ["--suite", "softmax,norm"])
        request.quick = true
        request.variants = ["online", "threepass__avx2"]
        request.isa = ["avx2"]
        request.threads = [1, 2]
        request.sweep = try RunRequest.sweep("rows=1..4x2,columns=7")
        request.problem = "64×64"
        request.temperatures = [.hot, .cold]
        request.weights = "tiny"
        request.counters = "none"
        request.requireCounters = true
        request.timeBox = 0.25
        request.seed = 7
        request.against = ["torch"]
        request.plugins = ["a.so", "b.so"]
        request.allowDebug = true
        #expect(
            request.arguments == [
                "--suite", "softmax,norm", "--quick", "--variants", "online,threepass__avx2", "--isa", "avx2",
                "--threads", "1,2", "--sweep", "rows=1,2,4,columns=7", "--problem", "64×64", "--temperature",
                "hot,cold", "--weights", "tiny", "--counters", "none", "--require-counters", "--time-box", "0.25",
                "--seed", "7", "--against", "torch", "--plugin", "a.so", "--plugin", "b.so", "--allow-debug",
            ])
        #expect(try JSONDecoder().decode(RunRequest.self, from: JSONEncoder().encode(request)) == request)
        let least = try JSONDecoder().decode(RunRequest.self, from: Data("{\"suite\": \"norm\"}".utf8))
        #expect(least == RunRequest(suite: "norm"))
    }
}
