public import Machine

/// A variant, and why it is the one.
public struct Resolution<Family: KernelFamily>: Sendable {
    public enum Reason: String, Sendable {
        case forced
        /// The fastest on this machine, says `mgbench tune`.
        case measured
        /// The first of the family's list that computes the problem.
        case catalog
    }

    public let variant: Variant<Family>
    public let reason: Reason
}

extension KernelFamily {
    /// The variant that computes a problem: the forced one; else the selection's, where it runs on these features and
    /// takes the problem; else the first of the catalog that does. The reference takes every problem, so there is one.
    ///
    /// A class holds problems of several sizes, and a variant may refuse some of them; those fall to the catalog.
    ///
    /// - Throws: `ForceError` if the forced variant does not compute the problem: silently another would mislead.
    public static func resolve(
        _ problem: Problem, selection: Selection, features: CPUFeatures = CPU.features,
        forced: ForcedVariants = .none
    ) throws(ForceError) -> Resolution<Self> {
        if let name = forced.names[Self.name] {
            let meant = variants.filter { ForcedVariants.means($0.name, by: name) }
            if let variant = meant.first(where: { $0.reasonToSkip(problem, on: features) == nil }) {
                return Resolution(variant: variant, reason: .forced)
            }
            let reason = meant.first?.reasonToSkip(problem, on: features) ?? "no such variant"
            throw ForceError("\(Self.name)=\(name) does not compute \(problem): \(reason)")
        }
        let able = variants.filter { $0.reasonToSkip(problem, on: features) == nil }
        if let choice = selection.choice(for: Self.self, problem),
            let variant = able.first(where: { $0.name == choice.variant })
        {
            return Resolution(variant: variant, reason: .measured)
        }
        guard let first = able.first else { preconditionFailure("\(Self.name): its reference refuses \(problem)") }
        return Resolution(variant: first, reason: .catalog)
    }
}
