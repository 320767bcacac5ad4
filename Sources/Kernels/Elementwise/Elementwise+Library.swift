internal import Tensors

extension Elementwise {
    /// What a program gets that calls expf, tanhf or erff in a loop: a BLAS has no such functions, so this is the
    /// yardstick of the family.
    static let library = Variant<Elementwise>(
        "libm", .simd, story: "the C library's functions, a value at a time"
    ) { problem, operands, _ in
        Invocation(owner: operands) { work in
            let function = problem.function
            let x = operands.x.pointer
            let out = operands.out.pointer
            for index in work.range(of: problem.count, grain: 16) { out[index] = function(x[index]) }
        }
    }
}
