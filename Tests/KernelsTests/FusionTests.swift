import Tensors
import Testing

@testable import Kernels

/// The ledger of fusions as a whole; what each saves is counted by hand in the tests of its family.
@Suite struct FusionTests {
    @Test func everyFusionNamesVariantsOfItsFamily() {
        func check<Family: KernelFamily>(_ family: Family.Type) {
            for fusion in Family.fusions {
                for idea in [fusion.fused, fusion.separate] {
                    // A build without BLAS has no `openblas`.
                    let known = Family.variants.contains { $0.name == idea || $0.name.hasPrefix(idea + "__") }
                    #expect(known || idea == "openblas", "\(Family.name): \(idea)")
                }
                #expect(fusion.saving(fusion.problem).bytes != 0, "\(Family.name): \(fusion.name) saves nothing")
                #expect(!fusion.saving(fusion.problem).passes.isEmpty)
            }
        }
        for family in Catalog.families {
            func opened<Family: KernelFamily>(_ family: Family.Type) { check(family) }
            opened(family)
        }
    }

    @Test func aPairIsOfOneInstructionSet() throws {
        let fusion = try #require(Softmax.fusions.first)
        guard let pair = fusion.pair(unless: { _ in nil }) else { return }
        #expect(pair.fused.name.hasPrefix("fused__"))
        #expect(pair.fused.name.dropFirst("fused".count) == pair.separate.name.dropFirst("threepass".count))
        let first = pair.fused.name
        let second = fusion.pair(unless: { $0.name == first ? "left out" : nil })
        #expect(second.map { $0.fused.name != first } ?? true)
        #expect(fusion.pair(unless: { _ in "nothing runs" }) == nil)
    }
}
