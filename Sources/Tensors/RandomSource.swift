internal import Glibc

/// Seeded random numbers: the same seed gives the same inputs on every machine.
///
/// SplitMix64 (Steele, Lea and Flood, 2014, "Fast splittable pseudorandom number generators").
public struct RandomSource: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Standard normal (Box–Muller).
    public mutating func normal() -> Double {
        let radius = sqrt(-2 * log(1 - uniform()))
        return radius * cos(2 * .pi * uniform())
    }
}

/// What a kernel is fed. Benchmarks use `ordinary`; verification goes through all.
public enum InputPattern: String, Sendable, CaseIterable {
    /// Normal values, with one in 64 ten times as large: uniform inputs hide errors of softmax and of quantisation.
    case ordinary
    case zeros
    /// Below the smallest normal number.
    case denormal
    /// Magnitudes from 1e-15 to 1e15.
    case wideRange
    /// Ordinary with a few NaN.
    case nan
    /// Ordinary with a few +∞ and −∞.
    case infinity

    /// True if a kernel must give finite results.
    public var isFinite: Bool { self != .nan && self != .infinity }
}

/// How a family's operands are made.
public struct Filling: Sendable {
    public var seed: UInt64
    public var pattern: InputPattern
    public var placement: Placement

    public init(seed: UInt64, pattern: InputPattern = .ordinary, placement: Placement = .aligned) {
        self.seed = seed
        self.pattern = pattern
        self.placement = placement
    }

    /// The generator of the operand number `index`, independent of the others.
    public func source(_ index: UInt64) -> RandomSource {
        var mixer = RandomSource(seed: seed &+ index &* 0xd1b5_4a32_d192_ed03)
        return RandomSource(seed: mixer.next())
    }

    /// A filled tensor: operand number `index` of the problem, values of about `scale`.
    public func tensor(_ shape: [Int], operand index: UInt64, scale: Double = 1) -> Tensor<Float> {
        let tensor = Tensor<Float>(shape, placement: placement)
        var source = source(index)
        for i in 0..<tensor.count { tensor[i] = value(&source, scale: scale) }
        return tensor
    }

    private func value(_ source: inout RandomSource, scale: Double) -> Float {
        switch pattern {
        case .zeros: return 0
        case .denormal: return Float(source.normal()) * 0x1p-130
        case .wideRange:
            let exponent = source.uniform() * 30 - 15
            return Float((source.next() & 1 == 0 ? 1 : -1) * pow(10, exponent) * scale)
        case .ordinary, .nan, .infinity:
            let bits = source.next()
            let outlier = bits & 63 == 0 ? 10.0 : 1.0
            if (bits >> 6) & 127 == 0 {
                if pattern == .nan { return .nan }
                if pattern == .infinity { return bits >> 63 == 0 ? .infinity : -.infinity }
            }
            return Float(source.normal() * scale * outlier)
        }
    }
}
