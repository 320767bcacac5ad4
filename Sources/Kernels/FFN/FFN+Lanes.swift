internal import Tensors

extension FFN {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64, and a multiply-add two instructions.
    static let lanes = Variant<FFN>(
        "lanes", .simd,
        story: "Swift SIMD8<Float>, a product after the other; the baseline build gives each four lanes",
        refusal: { $0.format == .f32 ? nil : "it multiplies f32 only" }
    ) { problem, operands, _ in
        let middle = Tensor<Float>([problem.tokens, problem.hidden])
        let gates = problem.isGated ? Tensor<Float>([problem.tokens, problem.hidden]) : nil
        return Invocation(owner: operands) { work in
            guard case .f32(let inputs) = operands.x, case .f32(let up) = operands.up,
                case .f32(let down) = operands.down
            else { return }
            let (model, all) = (problem.model, problem.hidden)
            let hidden = work.range(of: all, grain: 16)
            for token in 0..<problem.tokens {
                let x = UnsafePointer(inputs.pointer + token * model)
                let row = middle.pointer + token * all
                SIMD8.multiply(x, model, up.pointer, all, columns: hidden, into: row)
                if case .f32(let weights)? = operands.gate, let gates {
                    let gate = gates.pointer + token * all
                    SIMD8.multiply(x, model, weights.pointer, all, columns: hidden, into: gate)
                    for h in hidden { row[h] *= problem.kind.activation(gate[h]) }
                } else {
                    for h in hidden { row[h] = problem.kind.activation(row[h] + (operands.upBias?[h] ?? 0)) }
                }
            }
            work.wait()
            let columns = work.range(of: problem.model, grain: 16)
            for token in 0..<problem.tokens {
                let row = UnsafePointer(middle.pointer + token * problem.hidden)
                let out = operands.out.pointer + token * problem.model
                SIMD8.multiply(row, problem.hidden, down.pointer, problem.model, columns: columns, into: out)
                for column in columns { out[column] += operands.downBias?[column] ?? 0 }
            }
        }
    }
}
