internal import Harness
internal import Machine
public import Records

/// The same work many times over: its spread is what no measurement on this machine can see below.
public struct MachineNoise: Sendable {
    /// Of a sample, in nanoseconds for one call.
    public let statistic: Statistic
    /// Share of CPU time that the hypervisor gave to others meanwhile; nil where the system does not tell.
    public let stolen: Double?

    /// The median absolute deviation, as a share of the median.
    public var spread: Double { statistic.mad / statistic.median }
    /// The slowest sample over the median.
    public var worst: Double { statistic.maximum / statistic.median }

    /// Takes the samples with the harness, which takes them as it takes any others.
    ///
    /// - Returns: nil if no sample could be taken.
    public static func measure(samples: Int) throws -> MachineNoise? {
        let blank = VariantRecord(
            family: "noise", variant: "arithmetic", kind: .simd, isa: .baseline,
            story: "steps that wait for one another",
            problem: ProblemRecord(label: "steps", workload: "", axes: ["steps": ArithmeticTrial.steps]), threads: 1,
            temperature: .hot, cost: CostRecord(flops: 2 * Double(ArithmeticTrial.steps), bytes: 0), verdict: .verified)
        let options = RunnerOptions(
            timeBoxNanoseconds: 1_000_000_000, minimumSamples: samples, targetHalfWidth: 0, maximumSamples: samples,
            allowDebug: true)
        let before = HostState.cpuTime
        let runner = Runner(options: options, counters: nil, roofs: nil, observers: [])
        let subject = Subject(blank: blank, open: { ArithmeticTrial() })
        let row = try runner.run([Contest(title: "noise", subjects: [subject])]).first
        // Disturbed samples are the machine's noise too.
        return row.flatMap { Statistic($0.samples) }.map { statistic in
            MachineNoise(statistic: statistic, stolen: before.flatMap { HostState.cpuTime?.stolenShare(since: $0) })
        }
    }
}

/// Work of a fixed length in registers: nothing but the machine changes its time.
private final class ArithmeticTrial: Trial {
    static let steps = 20_000
    private var result = 0.0

    func run(times: Int) {
        var value = 1.0
        for _ in 0..<times {
            for _ in 0..<Self.steps { value = value * 0.999_999 + 1e-9 }
        }
        result = value
    }

    func poison() { result = .nan }

    func verify() -> Check {
        run(times: 1)
        return recheck()
    }

    /// The value falls from 1 towards 0.001.
    func recheck() -> Check {
        let record = VerificationRecord(
            count: 1, worstOfBound: 0, worstError: 0, bound: "between the first value and the limit", seed: 0,
            checkedAfterTiming: true)
        return (0.0009...1).contains(result) ? .right(record) : .wrong(record, reason: "the value is \(result)")
    }
}
