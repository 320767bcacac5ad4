internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Reports
internal import Sessions

/// `mgbench doctor`: what this machine can and cannot resolve.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine can resolve and what it cannot: clock, noise, stolen time, counters, libraries.")

    @Flag(help: "As JSON.")
    var json = false

    /// One line of the diagnosis.
    private struct Finding: Encodable {
        enum State: String, Encodable {
            case good, limited, absent
        }

        var subject: String
        var state: State
        var text: String
    }

    func run() throws {
        let findings =
            try [build, clock(), noise(), frequency, memory, papi(), library("hwloc", DoctorCommand.hwloc)]
            + [blas, charts, tuning] + counters()
        if json {
            try Console.print(json: findings)
            return
        }
        for finding in findings {
            print("\(finding.state.rawValue.padded(9))\(finding.subject.padded(18))\(finding.text)")
        }
    }

    private var build: Finding {
        #if DEBUG
            Finding(subject: "build", state: .limited, text: "debug: `mgbench run` refuses to measure with it")
        #else
            Finding(subject: "build", state: .good, text: "release")
        #endif
    }

    private func clock() -> Finding {
        let quality = MonotonicClock.measureQuality()
        let resolution = Format.duration(nanoseconds: quality.resolution)
        let cost = Format.duration(nanoseconds: quality.pairCost)
        return Finding(
            subject: "clock", state: quality.resolution <= 100 ? .good : .limited,
            text: "resolves \(resolution), a pair of readings costs \(cost)")
    }

    private func noise() throws -> Finding {
        guard let noise = try MachineNoise.measure(samples: 400) else {
            return Finding(subject: "noise", state: .absent, text: "no sample could be taken")
        }
        var text =
            "\(noise.statistic.count) × the same work: median \(Format.duration(nanoseconds: noise.statistic.median)), "
            + "spread (MAD) \(Format.spread(noise.spread)), slowest \(Format.ratio(noise.worst)) of the median"
        if let stolen = noise.stolen { text += "; stolen by the hypervisor \(Format.percent(stolen))" }
        return Finding(
            subject: "noise", state: noise.spread < 0.01 && noise.worst < 2 ? .good : .limited, text: text)
    }

    private var frequency: Finding {
        let host = HostState.current
        let fixed = host.governor == "performance"
        return Finding(
            subject: "frequency", state: fixed ? .good : .limited,
            text: "governor \(host.governor); virtualisation: \(host.virtualization); load \(host.loadAverage)")
    }

    private var memory: Finding {
        let host = HostState.current
        let ready = ["always", "madvise"].contains(host.transparentHugePages)
        return Finding(
            subject: "memory", state: ready ? .good : .limited,
            text: "\(Format.bytes(host.memoryBytes)), transparent huge pages: \(host.transparentHugePages)")
    }

    private func papi() -> Finding {
        #if PAPI
            let paranoid = HostState.current.perfEventParanoid.map { "perf_event_paranoid \($0)" }
            return Finding(
                subject: "PAPI", state: .good, text: "built in; \(paranoid ?? "the kernel has no perf events")")
        #else
            return library("PAPI", false)
        #endif
    }

    private static var hwloc: Bool {
        #if HWLOC
            true
        #else
            false
        #endif
    }

    private func library(_ name: String, _ present: Bool) -> Finding {
        Finding(subject: name, state: present ? .good : .absent, text: present ? "built in" : "not in this build")
    }

    private var blas: Finding {
        #if BLAS
            Finding(
                subject: "BLAS", state: BLAS.remark == nil ? .good : .limited,
                text: "\(BLAS.configuration), \(BLAS.core), \(BLAS.threading)"
                    + (BLAS.remark.map { "; \($0)" } ?? ""))
        #else
            library("BLAS", false)
        #endif
    }

    private var charts: Finding {
        let file = ChartLibrary.locate()
        return Finding(
            subject: "Chart.js", state: file == nil ? .absent : .good,
            text: file?.path ?? "install \(ChartLibrary.package) for the pictures of the HTML report")
    }

    private var tuning: Finding {
        do {
            let found = try TuningInForce.find()
            let isMeasured = if case .measured = found.source { true } else { false }
            return Finding(
                subject: "tuning", state: isMeasured ? .good : .limited,
                text: found.note ?? (isMeasured ? found.label : "\(found.label); `mgbench tune` measures this machine"))
        } catch {
            return Finding(subject: "tuning", state: .limited, text: "\(error)")
        }
    }

    /// What of each counter group can be counted here, by trying.
    private func counters() throws -> [Finding] {
        try CounterGroup.available.map { name in
            let group = try CounterGroup.named(name)
            let missing = try CounterSession.open(group: name).missing
            let reasons = missing.map { "\($0.event): \($0.reason)" }.joined(separator: "; ")
            let state: Finding.State =
                missing.isEmpty ? .good : missing.count < group.events.count ? .limited : .absent
            return Finding(
                subject: "counters \(name)", state: state,
                text: missing.isEmpty ? "all \(group.events.count) events" : reasons)
        }
    }
}
