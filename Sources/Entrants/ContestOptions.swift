public import Kernels
public import Machine
public import Records

/// What decides who takes part in a contest, and how they are fed.
public struct ContestOptions: Sendable {
    /// Names, or parts of names, of variants; empty means all.
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

    func includes(_ variant: String) -> Bool {
        variants.isEmpty || variants.contains { variant == $0 || variant.hasPrefix($0 + "__") }
    }
}
