public import Harness
public import Kernels
internal import Machine
internal import Records
public import Tensors

/// Edge cases of a family that a kernel from outside goes through: those of `mgbench verify`.
extension PluginVariant {
    /// The first thing wrong with it on all problems and inputs, found once for the whole run; nil if nothing is.
    func examine<Family: KernelFamily>(_ family: Family.Type, seed: UInt64, team: Team) -> Check? {
        if let examined {
            if case .wrong = examined { return examined }
            return nil
        }
        defer { endExamination() }
        for (problem, pattern) in Family.verificationCases() {
            let filling = Filling(seed: seed, pattern: pattern)
            let operands = Family.operands(for: problem, filling: filling)
            let expectation = Expectation<Family>(problem, operands: operands, team: team)
            let bound = Family.libraryBound(of: problem, operands: operands, reference: expectation.values)
            let place = " at \(problem), \(pattern.rawValue) inputs"
            guard let check = examine(filling, operands, expectation, within: bound, place: place) else { continue }
            examined = check
            if case .wrong = check { return check }
        }
        return nil
    }

    /// One case by one, two and three workers, whose outputs must have the same bits; nil if the variant refuses it.
    ///
    /// - Parameter place: what a fault says behind its reason.
    public func examine<Family: KernelFamily>(
        _ filling: Filling, _ operands: Family.Operands, _ expectation: Expectation<Family>, within bound: ErrorBound,
        place: String = ""
    ) -> Check? {
        func check() -> Check {
            Check(expectation.agreement(of: operands, within: bound), seed: filling.seed, afterTiming: false)
        }
        let layout = Family.layout(of: expectation.problem)
        var working = ""
        var last: Check?
        var bits: [UInt32] = []
        do {
            let host = try examining()
            if try refusal(layout, host) != nil { return nil }
            let shared = try SharedOperands(operands)
            try open(layout, shared, exact: true, on: host)
            for workers in 1...3 {
                working = workers == 1 ? ", 1 worker" : ", \(workers) workers"
                for output in operands.outputs { output.fill(Tensor<Float>.poison) }
                try host.ask("poison")
                _ = try host.run(times: 1, workers: workers)
                try host.ask("fetch")
                guard shared.read(into: operands.outputs) else { throw PluginFault(description: "it left no output") }
                let result = check()
                if case .wrong(let record, let reason) = result {
                    return .wrong(record, reason: "\(reason)\(place)\(working)")
                }
                let found = operands.outputs.flatMap { $0.values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }
                if workers == 1 { bits = found }
                if found != bits {
                    return .wrong(result.record, reason: "the bits differ from those with one worker\(place)\(working)")
                }
                last = result
            }
        } catch {
            if examiner?.fault != nil { ends += 1 }
            for output in operands.outputs { output.fill(Tensor<Float>.poison) }
            return .wrong(check().record, reason: "\(error)\(place)\(working)")
        }
        return last
    }

    /// Ends the process for edge cases.
    public func endExamination() { examiner = nil }

    /// The process for edge cases: a new one if the last has ended.
    private func examining() throws -> PluginHost {
        if let examiner, examiner.fault == nil { return examiner }
        let host = try start(workers: 3)
        examiner = host
        return host
    }
}
