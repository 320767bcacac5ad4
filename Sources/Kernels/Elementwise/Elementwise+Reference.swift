internal import Tensors

extension Elementwise {
    /// The definition, in Double.
    static let reference = Variant<Elementwise>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            for index in work.range(of: problem.count, grain: 16) {
                operands.out[index] = Float(problem.function(Double(operands.x[index])))
            }
        }
    }
}
