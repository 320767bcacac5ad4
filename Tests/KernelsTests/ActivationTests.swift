import Testing

@testable import Kernels

/// The activation that follows a BLAS call, against its definition in Double.
@Suite struct ActivationTests {
    /// Every 4099th float of either sign up to 100: as far as any of them differs from 0 or x.
    private static let arguments: [Float] = {
        let patterns = stride(from: UInt32(0), through: Float(100).bitPattern, by: 4099)
        return patterns.flatMap { [Float(bitPattern: $0), -Float(bitPattern: $0)] }
    }()

    private func apply(_ activation: Activation, to x: some Collection<Float>) -> [Float] {
        var values = Array(x)
        values.withUnsafeMutableBufferPointer { buffer in
            guard let pointer = buffer.baseAddress else { return }
            activation.apply(to: pointer, count: buffer.count)
        }
        return values
    }

    @Test(arguments: Activation.allCases)
    func isWithinFourUlpOrTwoToTheMinus22(activation: Activation) {
        var worst = 0.0
        for (argument, value) in zip(Self.arguments, apply(activation, to: Self.arguments)) {
            let exact = activation(Double(argument))
            let allowed = max(4 * Double(Float(exact).ulp), 0x1p-22)
            worst = max(worst, abs(Double(value) - exact) / allowed)
        }
        #expect(worst <= 1, "\(activation.rawValue): \(worst) of the bound")
    }

    @Test(arguments: Activation.allCases)
    func treatsNaNAndInfinitiesAsTheDefinitionDoes(activation: Activation) {
        let x: [Float] = [.nan, .infinity, -.infinity, 0, -0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude]
        for count in 1...x.count {
            for (argument, value) in zip(x, apply(activation, to: x.prefix(count))) {
                let exact = Float(activation(Double(argument)))
                #expect(value == exact || value.isNaN && exact.isNaN, "\(activation.rawValue)(\(argument)) = \(value)")
            }
        }
    }
}
