/// Which variants take part: what `--variants` says.
///
/// A name stands for a variant (`flash__avx2`), for one idea on all instruction sets (`flash`), or for all kernels of a
/// plugin (`mine` for `mine:simple`, and for `mine@1f0c9a2e:simple` where two have that name). Behind a minus it leaves
/// those out: `-reference`. Without a name that chooses, all take part that are not left out.
public struct VariantChoice: Sendable, Equatable {
    /// Names that choose; empty means all.
    public let chosen: [String]
    /// Names of what is left out, without their minus.
    public let leftOut: [String]

    public init(_ names: [String]) {
        chosen = names.filter { !$0.hasPrefix("-") }
        leftOut = names.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) }
    }

    /// Whether the variant takes part.
    public func includes(_ variant: String) -> Bool {
        (chosen.isEmpty || names(variant)) && !leavesOut(variant)
    }

    /// Whether one of the names that choose stands for the variant.
    public func names(_ variant: String) -> Bool { chosen.contains { VariantChoice.name($0, standsFor: variant) } }

    /// Whether the variant is left out.
    public func leavesOut(_ variant: String) -> Bool { leftOut.contains { VariantChoice.name($0, standsFor: variant) } }

    /// Whether a name, without a minus, stands for the variant.
    public static func name(_ name: String, standsFor variant: String) -> Bool {
        variant == name || ["__", ":", "@"].contains { variant.hasPrefix(name + $0) }
    }
}
