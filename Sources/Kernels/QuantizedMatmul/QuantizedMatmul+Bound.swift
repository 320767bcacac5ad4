internal import Tensors

/// How far the two arithmetics may be from the reference, for each output.
///
/// Both are stated by blocks of 32 k (int8 weights: by whole rows, which share one step). In a block let ‖a‖ and ‖w‖ be
/// Euclidean norms, |w| mean the terms' magnitudes (`QuantizationFormat.magnitudes`) and d = max|a| / 127.
///
/// *f32*: a sum of k products errs by c·u·Σ|a·w| with c = max(8, 2√k) + 2 (Higham and Mary 2019: rounding errors behave
/// as a random walk), and Σ|a·w| ≤ Σ_blocks ‖a‖·‖w‖ (Cauchy and Schwarz).
///
/// *int8 activations*: an activation is moved by at most d/2, so an output by Σ_blocks d/2·Σ|w|. The integer sums are
/// exact; k/32 block sums are added in f32, so c = 2√(k/32) + 8. A block below 2⁻¹⁰⁰ is read as zeros and moves by max|a|.
///
/// Then bias and activation (`Activation.bound`).
extension QuantizedMatmul {
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let c = max(8, 2 * Double(problem.inputs).squareRoot()) + 2
        return bound(problem, operands, reference, growth: c, roundsActivations: false)
    }

    static let int8Bound: @Sendable (Problem, Operands, [Float]) -> ErrorBound = { problem, operands, reference in
        let c = 2 * (Double(problem.inputs) / 32).squareRoot() + 8
        return bound(problem, operands, reference, growth: c, roundsActivations: true)
    }

    /// A library's int8 activations keep their steps in half precision (ggml's Q8_0), which adds 2⁻¹¹·Σ|a|·|w|; for Q4_K
    /// they share a step by 256 (ggml's Q8_K). Beside int8 weights all activations may share one step: unsigned, with a
    /// zero point (ONNX's DynamicQuantizeLinear), where a step is (max − min)/255 with 0 between the two. The zero point is
    /// an integer, so an activation is moved by half a step, at the ends of the range, too: no more than max|A|/255.
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let c = 2 * (Double(problem.inputs) / 32).squareRoot() + 8
        return bound(
            problem, operands, reference, growth: c, roundsActivations: true, stepRounding: 0x1p-11,
            block: problem.format == .q4_k ? 256 : 32, sharesStep: problem.format == .int8)
    }

    private static func bound(
        _ problem: Problem, _ operands: Operands, _ reference: [Float], growth: Double, roundsActivations: Bool,
        stepRounding: Double = 0, block: Int = 32, sharesStep: Bool = false
    ) -> ErrorBound {
        let size = problem.format == .int8 ? max(problem.inputs, 1) : block
        let u = ErrorBound.unitRoundoff
        // What underflow may take from each product: half of the least subnormal number.
        let underflow = Double(problem.inputs) * 0x1p-149
        let tokens = (0..<problem.tokens).map { token in
            summary(
                UnsafeBufferPointer(rebasing: operands.a.values[token * problem.inputs..<(token + 1) * problem.inputs]),
                size)
        }
        let largest = tokens.joined().reduce(0) { max($0, $1.largest) }
        var values = [Float](repeating: 0, count: problem.tokens * problem.outputs)
        for output in 0..<problem.outputs {
            let magnitudes = operands.weights.format.magnitudes(
                operands.weights.row(output), scale: operands.weights.scale(of: output))
            let weights = magnitudes.withUnsafeBufferPointer { summary($0, size) }
            let decoded = operands.weights.decoded(row: output).withUnsafeBufferPointer { summary($0, size) }
            let bias = abs(Double(operands.bias?[output] ?? 0))
            for token in 0..<problem.tokens {
                var moved = 0.0
                var terms = bias
                for (a, (w, exact)) in zip(tokens[token], zip(weights, decoded)) {
                    terms += a.norm * w.norm
                    guard roundsActivations else { continue }
                    // The step is itself rounded, which 2⁻¹⁴ more covers.
                    let range = sharesStep ? largest : a.largest
                    let half = range < 0x1p-100 ? range : range / 254 * (1 + 0x1p-14)
                    moved += half * exact.sum
                    terms += half * w.sum
                }
                let index = token * problem.outputs + output
                var bound = moved + (growth * u + stepRounding) * terms + underflow
                let out = abs(Double(reference[index]))
                bound = problem.activation.bound(after: bound, output: out)
                values[index] = Float(bound + u * out)
            }
        }
        let argument =
            roundsActivations
            ? "Σ max|a|/254·Σ|w| by blocks + (2√(k/32) + 8)·u·Σ‖a‖·‖w‖"
                + (stepRounding > 0 ? " + 2⁻¹¹·Σ‖a‖·‖w‖" : "") : "(max(8, 2√k) + 2)·u·Σ‖a‖·‖w‖ by blocks"
        return ErrorBound(argument: argument, values: values)
    }

    private struct Block {
        var largest = 0.0
        var sum = 0.0
        var norm = 0.0
    }

    private static func summary(_ row: UnsafeBufferPointer<Float>, _ size: Int) -> [Block] {
        stride(from: 0, to: row.count, by: size).map { start in
            var block = Block()
            for value in row[start..<min(start + size, row.count)] {
                let magnitude = abs(Double(value))
                block.largest = max(block.largest, magnitude)
                block.sum += magnitude
                block.norm += magnitude * magnitude
            }
            block.norm = block.norm.squareRoot()
            return block
        }
    }
}
