/// Variants that a user insists on, by family: `MGBENCH_FORCE=attention=rowwise,matmul=packed__avx2`.
///
/// A name is a variant's, or the part of it before `__`, which is the best of that idea that the processor has.
public struct ForcedVariants: Sendable, Equatable {
    public static let variable = "MGBENCH_FORCE"

    /// Family → name as it was given.
    public let names: [String: String]

    public static let none = ForcedVariants()
    private init() { names = [:] }

    /// - Parameter text: `family=variant`, several with commas; nil and the empty text force nothing.
    /// - Throws: `ForceError` naming what there is.
    public init(_ text: String?) throws(ForceError) {
        var names: [String: String] = [:]
        for entry in (text ?? "").split(separator: ",") {
            let parts = entry.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw ForceError("\(entry): family=variant is expected, several with commas")
            }
            guard let family = Catalog.family(named: parts[0]) else {
                let known = Catalog.families.map { $0.name }.joined(separator: ", ")
                throw ForceError("\(entry): there is no family \(parts[0]); there are \(known)")
            }
            let known = family.variantNames
            guard known.contains(where: { ForcedVariants.means($0, by: parts[1]) }) else {
                throw ForceError(
                    "\(entry): \(parts[0]) has no variant \(parts[1]); it has \(known.joined(separator: ", "))")
            }
            guard names[parts[0]] == nil else { throw ForceError("\(entry): \(parts[0]) is forced twice") }
            names[parts[0]] = parts[1]
        }
        self.names = names
    }

    static func means(_ variant: String, by name: String) -> Bool { variant == name || variant.hasPrefix(name + "__") }
}

/// `MGBENCH_FORCE` asks for what there is not, or for what does not compute a problem; one line.
public struct ForceError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String
    init(_ reason: String) { description = "\(ForcedVariants.variable): \(reason)" }
}

extension KernelFamily {
    static var variantNames: [String] { variants.map(\.name) }
}
