public import Kernels
public import Machine
public import Records

/// What decides who takes part in a contest, and how they are fed.
public struct ContestOptions: Sendable {
    /// Names of variants, as ``VariantChoice`` reads them; empty means all.
    public var variants: [String]
    /// The features that variants may use; `CPU.features` unless `--isa` narrows them.
    public var features: CPUFeatures
    public var temperature: Temperature
    public var seed: UInt64
    /// The machine's numbers that kernels are bound with, and by what a whole model chooses its variants.
    public var choices = KernelChoices()
    /// Libraries beside the variants, each ready to serve.
    public var oracles: [Oracle] = []
    /// Kernels from outside, and where they run: on the CPUs of the team.
    public var plugins: [Plugin] = []
    public var cpus: [Int] = []
    /// Size of the last-level cache in bytes: cold operands rotate through three times as much.
    public var lastLevelCacheBytes: Int

    public init(
        variants: [String] = [], features: CPUFeatures, temperature: Temperature = .hot, seed: UInt64,
        lastLevelCacheBytes: Int
    ) {
        self.variants = variants
        self.features = features
        self.temperature = temperature
        self.seed = seed
        self.lastLevelCacheBytes = lastLevelCacheBytes
    }

    /// Why `--isa` leaves a variant out that this CPU could run; nil if it does not.
    func exclusion(of needs: CPUFeatures) -> String? {
        let missing = needs.subtracting(features)
        return missing.isEmpty ? nil : "left out by --isa: it needs \(missing)"
    }

    func includes(_ variant: String) -> Bool { VariantChoice(variants).includes(variant) }

    /// The kernels from outside that take part. A plugin was asked for by an option of its own: all of it takes part,
    /// but what is left out, unless a name chooses among plugins.
    func includedPlugins(of family: String) -> [PluginVariant] {
        let all = plugins.flatMap(\.variants)
        let choice = VariantChoice(variants)
        let choosesPlugins = all.contains { choice.names($0.name) }
        return plugins.filter { $0.family == family }.flatMap(\.variants).filter {
            !choice.leavesOut($0.name) && (!choosesPlugins || choice.names($0.name))
        }
    }
}
