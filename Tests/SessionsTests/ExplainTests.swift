import Kernels
import Machine
import Records
import Testing

@testable import Entrants
@testable import Sessions
@testable import Suites

@Suite struct ExplainTests {
    private func request(_ text: String, problem: String? = nil) throws -> ExplainRequest {
        var run = RunRequest(suite: "all")
        run.problem = problem
        return try ExplainRequest(text, run: run)
    }

    @Test(arguments: [
        ("atention/flash", "quantized_matmul"), ("attention/flsh", "rowwise"), ("attention", "reference"),
        ("attention/", "reference"), ("/flash", "softmax"),
    ])
    func whatIsNotThereIsAnsweredWithWhatIs(text: String, word: String) {
        let error = #expect(throws: UsageError.self) { try request(text) }
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("\n") == false)
    }

    @Test func problemsAreFoundAsRunFindsThem() throws {
        #expect(try request("quantized-matmul/reference").family == "quantized_matmul")
        let short = try request("attention/reference", problem: "gpt2-124m prefill, short").choose()
        #expect(short.workload.name == "gpt2-124m prefill, short" && short.others.isEmpty)
        // Of several the exact name first, although it comes later in the suite than a quick one.
        let decode = try request("attention/reference", problem: "GPT2-124m decode").choose()
        #expect(decode.workload.name == "gpt2-124m decode")
        let any = try request("attention/reference", problem: "gpt2").choose()
        #expect(any.workload.name.contains("gpt2") && any.workload.quick && !any.others.isEmpty)
        let error = #expect(throws: UsageError.self) { try request("norm/reference", problem: "attention").choose() }
        #expect(error?.description.contains("llama3-8b") == true)
    }

    @Test func aSweepGivesAnyShape() throws {
        var asked = try request("matmul/reference")
        asked.run.sweep = try RunRequest.sweep("m=37,n=1013,k=97")
        #expect(try asked.choose().workload.label.hasPrefix("37×1013×97"))
        asked.run.sweep = try RunRequest.sweep("m=1..4x2")
        let several = #expect(throws: UsageError.self) { try asked.choose() }
        #expect(several?.description.contains("one shape, and these are 3") == true)
        asked.run.sweep = try RunRequest.sweep("rows=3")
        let axis = #expect(throws: UsageError.self) { try asked.choose() }
        #expect(axis?.description.contains("it has k, m, n") == true, "\(axis?.description ?? "")")
    }

    @Test func aVariantThatRefusesAProblemSaysWhy() throws {
        guard CPU.features.isSuperset(of: [.avx2, .fma]) else { return }
        let error = #expect(throws: UsageError.self) {
            try request("attention/decode__avx2", problem: "gpt2-124m prefill, short").choose()
        }
        #expect(error?.description.contains("queries") == true, "\(error?.description ?? "")")
    }

    @Test func aVariantLeftOutByISASaysSo() throws {
        guard CPU.features.isSuperset(of: [.avx2, .fma]) else { return }
        var asked = try request("softmax/fused__avx2")
        asked.run.isa = ["scalar"]
        let error = #expect(throws: UsageError.self) { try asked.choose() }
        #expect(error?.description.contains("--isa") == true)
    }

    @Test func aPackedCopyStandsForTheWeights() {
        guard CPU.features.isSuperset(of: [.avx2, .fma]) else { return }
        let problem = FamilyProblem<Matmul>(.init(m: 16, n: 64, k: 32))
        let touched = problem.touched(by: "packed__avx2", threads: 1, tuning: .fallback, seed: 1)
        #expect(touched.parts.filter(\.isReplaced).map(\.name) == ["b"])
        let packed = touched.parts.first { $0.name == "packed copy" }?.bytes ?? 0
        #expect(packed >= 4 * 64 * 32)
        let scratch = touched.parts.first { $0.name == "scratch" }?.bytes ?? 0
        #expect(touched.bytes == 4 * (16 * 32 + 16 * 64) + packed + scratch)
        let plain = problem.touched(by: "reference", threads: 1, tuning: .fallback, seed: 1)
        #expect(plain.parts.map(\.name) == ["a", "b", "out"] && plain.bytes == 4 * (16 * 32 + 16 * 64 + 32 * 64))
        #expect(!plain.ownMemoryIsKnown && touched.ownMemoryIsKnown)
    }

    // MARK: - Made-up machine

    private static let roofs: Roofs = {
        func peak(_ kind: PeakRecord.Kind, _ name: String, _ value: Double) -> PeakRecord {
            PeakRecord(kind: kind, name: name, threads: 1, median: value, low: value, high: value)
        }
        let topology = Topology(
            source: "test", packages: 1, cores: [.init(package: 0, cpus: [0])],
            caches: [(1, 1000), (2, 10_000), (3, 100_000)].map {
                .init(level: $0.0, kind: .unified, bytes: $0.1, lineBytes: 64, ways: 8, cpus: [0])
            }, nodes: [], cpuset: [0])
        return Roofs(
            peaks: [
                peak(.compute, "FMA f32 test", 100e9), peak(.bandwidth, "read L1", 200e9),
                peak(.bandwidth, "copy L2", 100e9), peak(.bandwidth, "read L3", 50e9),
                peak(.bandwidth, "read memory", 10e9), peak(.latency, "team call", 25),
                peak(.frequency, "clock frequency", 2e9),
            ], topology: topology)
    }()

    private func measurement(
        _ variant: String, nanoseconds: Double, flops: Double, bytes: Double, temperature: Temperature = .hot
    ) -> VariantRecord {
        var measurement = VariantRecord(
            family: "test", variant: variant, kind: .simd, isa: .baseline, story: "story of \(variant)",
            problem: .init(label: "n", workload: "w", axes: [:]), threads: 1, temperature: temperature,
            cost: .init(flops: flops, bytes: bytes), verdict: .verified)
        measurement.samples = (0..<20).map { nanoseconds * (1 + 0.001 * Double($0 % 3)) }
        measurement.statistic = Statistic(measurement.samples)
        return measurement
    }

    private let touched = Touched(
        parts: [.init(name: "x", bytes: 900), .init(name: "w", bytes: 8000), .init(name: "out", bytes: 20_000)],
        ownMemoryIsKnown: true)

    @Test func bytesPassThroughEveryLevelUpToTheirs() throws {
        let own = measurement("own", nanoseconds: 1000, flops: 20_000, bytes: 28_000)
        let explanation = Explanation.of(
            own, among: [own], touched: touched, roofs: ExplainTests.roofs)
        #expect(explanation.operands.map(\.level) == ["L1", "L2", "L3"])
        #expect(explanation.workingSet.bytes == 28_900 && explanation.workingSet.level == "L3")
        #expect(explanation.levels.map(\.bytes) == [28_000, 28_000, 28_000, 0])
        #expect(explanation.levels.map { $0.leastNanoseconds } == [140, 280, 560, nil])
        #expect(explanation.levels.map { $0.ridge } == [0.5, 1, 2, 10])
        #expect(explanation.arithmetic?.leastNanoseconds == 200)
        #expect(explanation.verdict?.kind == .memory && explanation.verdict?.level == "L3")
        #expect(explanation.teamCallNanoseconds == 25)
        #expect(explanation.faster == nil && explanation.slower == nil && explanation.measured == 1)
    }

    @Test func coldBytesComeFromMemory() {
        let own = measurement("own", nanoseconds: 5000, flops: 20_000, bytes: 28_000, temperature: .cold)
        let explanation = Explanation.of(
            own, among: [own], touched: touched, roofs: ExplainTests.roofs)
        #expect(explanation.levels.map(\.bytes) == [28_000, 28_000, 28_000, 28_000])
        #expect(explanation.levels.last?.leastNanoseconds == 2800)
        #expect(explanation.workingSet.level == "memory" && explanation.verdict?.level == "memory")
    }

    @Test func theNeighboursAreTheNextOnes() throws {
        let times: [(String, Double)] = [("d", 4000), ("a", 1000), ("c", 3000), ("own", 2000)]
        let all = times.map { measurement($0.0, nanoseconds: $0.1, flops: 150_000, bytes: 100) }
        let explanation = Explanation.of(
            all[3], among: all, touched: touched, roofs: ExplainTests.roofs)
        let faster = try #require(explanation.faster)
        let slower = try #require(explanation.slower)
        #expect(faster.variant == "a" && abs(faster.ratio.ratio - 2) < 1e-9 && faster.story == "story of a")
        #expect(slower.variant == "c" && abs(slower.ratio.ratio - 2.0 / 3) < 1e-9)
        #expect(explanation.place == 2 && explanation.measured == 4)
        #expect(explanation.verdict?.kind == .compute)
    }

    @Test func countedInstructionsBecomeAModelledIPC() throws {
        let own = measurement("own", nanoseconds: 1000, flops: 20_000, bytes: 100)
        var explanation = Explanation.of(
            own, among: [own], touched: touched, roofs: ExplainTests.roofs)
        explanation.add(instructions: 4000, counter: "a counter", features: ["avx2"])
        let ipc = try #require(explanation.facts.first { $0.name == "IPC" })
        // 1.001 µs at 2 GHz are about 2002 cycles.
        #expect(ipc.source == .modelled && abs((ipc.value ?? 0) - 2) < 0.01)
        #expect(explanation.facts.first { $0.name == "instructions" }?.source == .measured)
        #expect(explanation.facts.first { $0.name == "operations / instruction" }?.value == 5)
    }

    @Test func aTimeBelowARoofSaysThatAProbeWasDisturbed() {
        let own = measurement("own", nanoseconds: 100, flops: 20_000, bytes: 100)
        let explanation = Explanation.of(
            own, among: [own], touched: touched, roofs: ExplainTests.roofs)
        #expect(explanation.notes.contains { $0.contains("disturbed") })
    }

    @Test func rowsAMultipleOfFourKiBApartAreNamed() throws {
        func note(_ problem: Matmul.Problem, by variant: String = "reference") -> String? {
            let touched = FamilyProblem<Matmul>(problem).touched(by: variant, threads: 1, tuning: .fallback, seed: 1)
            let own = measurement("own", nanoseconds: 1000, flops: 20_000, bytes: 100)
            return Explanation.of(own, among: [own], touched: touched, roofs: ExplainTests.roofs).notes.first {
                $0.contains("4 KiB")
            }
        }
        // A of 16 rows of 1024 floats, B of 1024 rows of 2048; rows of C are 8 KiB, too.
        let all = try #require(note(.init(m: 16, n: 2048, k: 1024)))
        #expect(all.contains("a (4 KiB), b (8 KiB), out (8 KiB)") && all.contains("not known"))
        #expect(note(.init(m: 16, n: 1040, k: 1008)) == nil)
        // One row has no next one; a packed copy is not read in rows.
        #expect(note(.init(m: 1, n: 1040, k: 1024)) == nil)
        if CPU.features.isSuperset(of: [.avx2, .fma]) {
            #expect(note(.init(m: 16, n: 1024, k: 1008), by: "packed__avx2")?.contains("b (") == false)
        }
    }

    @Test func theBetterRoundOfProbingCounts() {
        func round(_ rate: Double, _ cost: Double) -> [PeakRecord] {
            [
                .init(kind: .bandwidth, name: "read L1", threads: 1, median: rate, low: rate, high: rate),
                .init(kind: .latency, name: "team call", threads: 1, median: cost, low: cost, high: cost),
            ]
        }
        #expect(PeakRecord.best(of: [round(5, 9), round(7, 12)]).map(\.median) == [7, 9])
        #expect(PeakRecord.best(of: []).isEmpty)
    }

    @Test func aLedgerLineIsHeldAgainstItsPrediction() throws {
        let fusion = Fusion<Norm>(
            "test", "fused", over: "twopass", at: .init(.rmsNorm, rows: 50, columns: 100, residual: true),
            saving: { _ in FusionSaving("a pass", [.init(bytes: 5000, distance: 50_000)]) })
        var entry = FusionLedger.entry(fusion, roofs: ExplainTests.roofs, threads: 1)
        #expect(entry.flows == [.init(bytes: 5000, level: "L3", bytesPerSecond: 50e9)])
        entry.fused = "own"
        entry.separate = "other"
        // 5000 bytes at 50 GB/s are 100 ns of 400.
        let all = [("own", 300.0), ("other", 400.0)].map {
            measurement($0.0, nanoseconds: $0.1, flops: 100, bytes: 1000)
        }
        entry.conclude(all, roofs: ExplainTests.roofs)
        #expect(abs((entry.prediction?.nanoseconds ?? 0) - 100) < 1e-9)
        #expect(entry.agreement == .agrees && (entry.measured?.ratio ?? 0) > 1.3)
        // The other way round: a gain is predicted and a loss measured.
        entry.fused = "other"
        entry.separate = "own"
        entry.conclude(all, roofs: ExplainTests.roofs)
        #expect(entry.agreement == .disagrees)
        var missing = entry
        missing.agreement = nil
        missing.conclude([all[0]], roofs: ExplainTests.roofs)
        #expect(missing.agreement == nil && missing.reason != nil)
    }
}
