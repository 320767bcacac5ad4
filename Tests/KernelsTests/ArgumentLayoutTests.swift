import Foundation
import Kernels
import Tensors
import Testing

/// Where a plugin's operands belong in the argument struct.
@Suite struct ArgumentLayoutTests {
    @Test func everyOperandOfEveryFamilyHasAPlaceOfItsOwn() {
        for family in Catalog.families { check(family) }
    }

    private func check<Family: KernelFamily>(_ family: Family.Type) {
        for problem in Family.edgeCases {
            let operands = Family.operands(for: problem, filling: Filling(seed: 1))
            let layout = Family.layout(of: problem)
            // The one kind of problem that writes what it reads: another process is not given it.
            if let storing = problem as? CachedAttention.Problem, storing.stores {
                #expect(layout.inputs.isEmpty && layout.outputs.isEmpty)
                continue
            }
            // Those of the problem and no other: by these a kernel sees whether there is a bias or a residual.
            #expect(Set(layout.inputs.keys) == Set(operands.inputs.map(\.name)), "\(Family.name) \(problem)")
            #expect(layout.outputs.count == operands.outputs.count, "\(Family.name) \(problem)")
            let offsets = Array(layout.inputs.values) + layout.outputs.map(\.offset)
            #expect(Set(offsets).count == offsets.count)
            let pointer = MemoryLayout<UnsafeRawPointer>.size
            for offset in offsets {
                // Behind mg_buffers, and NULL until the other process sets it.
                #expect(offset >= 2 * pointer && offset % pointer == 0)
                #expect(offset + pointer <= layout.bytes.count)
                #expect(layout.bytes[offset..<(offset + pointer)].allSatisfy { $0 == 0 })
            }
        }
    }
}
