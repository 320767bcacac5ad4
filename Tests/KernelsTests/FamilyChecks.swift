import Machine
import Tensors
import Testing

@testable import Kernels

/// Every variant that this processor can run agrees with the reference at the family's edge cases, and has the same bits
/// with one and with three workers.
///
/// One kind of input, one seed: the quick part of `mgbench verify`, which goes through every kind.
func expectAgreement<Family: KernelFamily>(
    _: Family.Type, including names: Set<String> = ["reference", "lanes"],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let teams = try [1, 3].map { try Team(workers: $0) }
    var checked = Set<String>()
    for problem in Family.edgeCases {
        let operands = Family.operands(for: problem, filling: Filling(seed: 11, placement: .guarded))
        let expected = Expectation<Family>(problem, operands: operands, team: teams[0])
        for variant in Family.variants where variant.reasonToSkip(problem, on: CPU.features) == nil {
            let bound = variant.bound(of: problem, operands: operands, reference: expected.values)
            let bits = teams.map { team in
                for output in operands.outputs { output.fill(Tensor<Float>.poison) }
                variant.bind(problem, operands, workers: team.workers).call(team)
                let agreement = expected.agreement(of: operands, within: bound)
                #expect(
                    agreement.isRight, "\(variant.name) at \(problem): \(agreement.fault ?? "")",
                    sourceLocation: sourceLocation)
                return operands.outputs.flatMap { $0.values.map(\.bitPattern) }
            }
            // A library decides for itself how to split its sums.
            if variant.kind != .blas {
                #expect(bits[0] == bits[1], "\(variant.name) at \(problem)", sourceLocation: sourceLocation)
            }
            checked.insert(variant.name)
        }
    }
    #expect(checked.isSuperset(of: names), sourceLocation: sourceLocation)
}

/// Numbers of rows at which some tile or block of a product begins, ends or has a single row left.
let batches = [1, 2, 3, 4, 5, 9, 13, 14, 15, 29]

/// A row has the same bits whatever the batch around it: every problem's output is the beginning of the last one's, for
/// each own variant that computes all of them. Operands are drawn front to back from a seed, so a smaller batch is the
/// beginning of a larger one.
func expectPrefixes<Family: KernelFamily>(
    of _: Family.Type, _ problems: [Family.Problem], sourceLocation: SourceLocation = #_sourceLocation,
    inputs: (Family.Operands, Family.Problem) -> [Double]
) throws {
    let team = try Team(workers: 2)
    let alone = try Team(workers: 1)
    let sets = problems.map { Family.operands(for: $0, filling: Filling(seed: 8)) }
    let largest = try #require(sets.last)
    let drawn = zip(sets, problems).map { inputs($0, $1) }
    for some in drawn { #expect(drawn.last?.starts(with: some) == true, sourceLocation: sourceLocation) }
    var count = 0
    for variant in Family.variants where variant.kind == .simd || variant.kind == .fused {
        guard problems.allSatisfy({ variant.reasonToSkip($0, on: CPU.features) == nil }) else { continue }
        let outputs = zip(problems, sets).map { problem, operands in
            let isLargest = operands === largest
            variant.bind(problem, operands, workers: isLargest ? 2 : 1).call(isLargest ? team : alone)
            return operands.outputs[0].values.map(\.bitPattern)
        }
        for (problem, output) in zip(problems, outputs) {
            #expect(
                outputs.last?.starts(with: output) == true, "\(variant.name) at \(problem)",
                sourceLocation: sourceLocation)
        }
        count += 1
    }
    #if arch(x86_64) || arch(arm64)
        #expect(count > 0, sourceLocation: sourceLocation)
    #endif
}
