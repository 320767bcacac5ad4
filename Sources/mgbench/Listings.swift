internal import Kernels
internal import Machine
internal import Reports
internal import Sessions
internal import Suites

extension SuiteListing {
    /// Every suite, in the order of `--suite all`.
    static var all: [SuiteListing] {
        Suite.all.map { suite in
            SuiteListing(
                suite: suite.name, summary: suite.summary,
                workloads: suite.workloads.map {
                    Workload(name: $0.name, family: $0.family, problem: $0.label, axes: $0.axes, quick: $0.quick)
                })
        }
    }
}

extension KernelListing {
    /// Every variant of every family, and whether this machine can run it.
    static var all: [KernelListing] { Catalog.families.flatMap { rows($0) } }

    private static func rows<Family: KernelFamily>(_ family: Family.Type) -> [KernelListing] {
        Family.variants.map { variant in
            let missing = variant.needs.subtracting(CPU.features)
            return KernelListing(
                family: Family.name, variant: variant.name, kind: variant.kind.rawValue, needs: variant.needs.names,
                supported: missing.isEmpty, reason: missing.isEmpty ? nil : "this CPU has no \(missing)",
                story: variant.story)
        }
    }
}
