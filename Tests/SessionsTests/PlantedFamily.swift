import Kernels
import Machine
import Tensors

@testable import Entrants
@testable import Sessions
@testable import Suites

/// A family of the tests: out[i] = 2·x[i], with a right variant and several that are wrong in the ways kernels are.
enum Doubling: KernelFamily {
    struct Problem: KernelProblem {
        var count: Int
        var description: String { "n\(count) f32" }
        var axes: [String: Int] { ["count": count] }
        mutating func set(axis: String, to value: Int) -> Bool {
            guard axis == "count" else { return false }
            count = value
            return true
        }
    }

    final class Operands: KernelOperands {
        let x: Tensor<Float>
        let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            x = filling.tensor([problem.count], operand: 0)
            out = Tensor([problem.count], placement: filling.placement)
        }

        var inputs: [KernelInput] { [KernelInput("x", .f32, x.shape, UnsafeRawBufferPointer(x.values))] }
        var outputs: [Tensor<Float>] { [out] }
        var bytes: Int { x.bytes + out.bytes }
    }

    static let name = "doubling"
    static let summary = "out = 2x"

    static let variants: [Variant<Doubling>] = [
        Variant("right", .simd, story: "doubles") { problem, operands, _ in
            Invocation(owner: operands) { work in
                for i in work.range(of: problem.count) { operands.out[i] = operands.x[i] + operands.x[i] }
            }
        },
        Variant("off_by_one", .simd, story: "leaves the last value out") { problem, operands, _ in
            Invocation(owner: operands) { work in
                for i in work.range(of: max(0, problem.count - 1)) { operands.out[i] = operands.x[i] * 2 }
            }
        },
        Variant("scaled", .simd, story: "uses a factor that is a little off") { problem, operands, _ in
            Invocation(owner: operands) { work in
                for i in work.range(of: problem.count) { operands.out[i] = operands.x[i] * 2.000_001 }
            }
        },
        Variant("cached", .simd, story: "computes once and then returns at once") { problem, operands, _ in
            nonisolated(unsafe) var done = false
            return Invocation(owner: operands) { work in
                guard !done else { return }
                for i in 0..<problem.count { operands.out[i] = operands.x[i] * 2 }
                if work.count == 1 { done = true }
            }
        },
        Variant("needs_all", .simd, needs: CPUFeatures(rawValue: .max), story: "needs what no CPU has") {
            _, operands, _ in Invocation(owner: operands) { _ in }
        },
        Variant("reference", .reference, story: "the definition") { problem, operands, _ in
            Invocation(owner: operands) { work in
                for i in work.range(of: problem.count) { operands.out[i] = Float(2 * Double(operands.x[i])) }
            }
        },
    ]

    static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    static func cost(of problem: Problem) -> Cost {
        Cost(operations: Double(problem.count), bytes: 8 * Double(problem.count))
    }

    static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        ErrorBound(argument: "exact: doubling changes only the exponent", values: reference.map { _ in 0 })
    }

    static let edgeCases = [0, 1, 7, 65].map { Problem(count: $0) }
}
