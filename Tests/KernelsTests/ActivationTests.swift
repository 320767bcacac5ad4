import CKernels
import Machine
import Testing

@testable import Kernels

/// The vector activations of epilogues and feed-forward layers against their definitions in Double.
@Suite struct ActivationTests {
    private static var variants: [mg_activate_variant] {
        var count: Int32 = 0
        let table = UnsafeBufferPointer(start: mg_activate_variants(&count), count: Int(count))
        return table.filter { CPUFeatures(rawValue: $0.needs).isSubset(of: CPU.features) }
    }

    /// Every 4099th float of either sign up to 100: as far as any of them differs from 0 or x.
    private static let arguments: [Float] = {
        let patterns = stride(from: UInt32(0), through: Float(100).bitPattern, by: 4099)
        return patterns.flatMap { [Float(bitPattern: $0), -Float(bitPattern: $0)] }
    }()

    @Test(arguments: Activation.allCases)
    func isWithinFourUlpOrTwoToTheMinus22(activation: Activation) {
        let x = Self.arguments
        for variant in Self.variants {
            var out = [Float](repeating: .nan, count: x.count)
            variant.run(activation.compiled, x, &out, Int64(x.count))
            var worst = 0.0
            for (argument, value) in zip(x, out) {
                let exact = activation(Double(argument))
                let allowed = max(4 * Double(Float(exact).ulp), 0x1p-22)
                worst = max(worst, abs(Double(value) - exact) / allowed)
            }
            #expect(worst <= 1, "\(String(cString: variant.name)) \(activation.rawValue): \(worst) of the bound")
        }
    }

    @Test(arguments: Activation.allCases)
    func treatsNaNAndInfinitiesAsTheDefinitionDoes(activation: Activation) {
        let x: [Float] = [.nan, .infinity, -.infinity, 0, -0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        for variant in Self.variants {
            for count in 1...x.count {
                var out = [Float](repeating: 7, count: count)
                variant.run(activation.compiled, x, &out, Int64(count))
                for (argument, value) in zip(x, out) {
                    let exact = Float(activation(Double(argument)))
                    #expect(
                        value == exact || value.isNaN && exact.isNaN, "\(activation.rawValue)(\(argument)) = \(value)")
                }
            }
        }
    }
}
