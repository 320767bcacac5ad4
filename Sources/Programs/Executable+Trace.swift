internal import Kernels

extension Executable {
    /// Hands out what each step of a traced pass left, in the order of the computation.
    ///
    /// Rows of a step that works by heads come second: `[heads][rows][dim]`.
    ///
    /// - Precondition: the pass had `rows` prompt rows of one text.
    public func trace(rows: Int, _ visit: (String, _ shape: [Int], [Float]) -> Void) {
        for step in plan.steps {
            switch step.work {
            case .embed(let work): show(step.name, work.out, rows, work.width, visit)
            case .norm(let work):
                if let sum = work.sum, let operation = step.operations.first {
                    show(plan.graph.operations[operation].name, sum, rows, work.columns, visit)
                }
                show(step.name, work.out, rows, work.columns, visit)
            case .linear(let work) where work.rows == .all: show(step.name, work.c, rows, work.outputs, visit)
            case .splitHeads(let work):
                if plan.operands == .f32 {
                    show(step.name, work.queries, rows, byHeads: work.options.heads, visit)
                }
            case .promptAttention(let work): show(step.name, work.o, rows, byHeads: work.options.heads, visit)
            case .activation(let work): show(step.name, work.out, rows, work.columns, visit)
            case .gate(let work): show(step.name, work.out, rows, work.columns, visit)
            case .linear, .round, .joinHeads, .cachedAttention, .gather: break
            }
        }
    }

    private func show(
        _ name: String, _ location: Location, _ rows: Int, _ columns: Int,
        _ visit: (String, _ shape: [Int], [Float]) -> Void
    ) {
        visit(name, [rows, columns], values(at: location, rows: rows, columns: columns))
    }

    private func show(
        _ name: String, _ location: Location, _ rows: Int, byHeads heads: HeadLayout,
        _ visit: (String, _ shape: [Int], [Float]) -> Void
    ) {
        // As many values as the rows have, but head after head.
        let all = values(at: location, rows: rows, columns: heads.heads * heads.dim)
        visit(name, [heads.heads, rows, heads.dim], all)
    }
}
