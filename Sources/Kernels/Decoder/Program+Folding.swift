internal import CKernels
internal import CMachine
public import Tensors

/// The steps between two products of a single token are cheaper than a barrier. So every worker computes them whole, into a
/// copy of its own, right before its part of the product that reads them; the copies have the same bits.

/// Rows that all workers read, or a copy for each.
public struct Copies {
    let first: Program.Values
    /// From one worker's copy to the next; 0 if there is one for all.
    let apart: Int

    /// Rows that all workers read.
    public init(_ shared: Program.Values) {
        first = shared
        apart = 0
    }

    /// - Parameter tensor: `[workers][...]`.
    public init(of tensor: Tensor<Float>, workers: Int) {
        first = tensor.pointer
        apart = tensor.count / workers
    }

    var isShared: Bool { apart == 0 }

    subscript(worker: Int) -> Program.Values { first + worker * apart }
}

extension Program {
    /// Has each worker run a step alone before the next product.
    func wait(_ kind: String, _ step: (_ worker: Int) -> mg_step) {
        for worker in 0..<kernels.workers { waiting[worker].append(step(worker)) }
        waitingKinds.append(kind)
    }

    /// Appends a step with what waits for it.
    ///
    /// - Parameter isShared: whether all workers read the same rows, so that one step serves all if nothing waits.
    func fold(_ kind: String, _ output: Output?, isShared: Bool, _ step: (_ worker: Int) -> mg_step) {
        if isShared, waitingKinds.isEmpty {
            let only = step(0)
            append(kind, only.run, only.arguments, output)
            return
        }
        let before = waiting.flatMap { $0 }
        let count = waitingKinds.count
        let steps = (0..<kernels.workers).map(step)
        let fold = mg_fold(
            before: UnsafePointer(hold(list: before)), count: Int64(count), steps: UnsafePointer(hold(list: steps)))
        let kinds = waitingKinds + [kind]
        waiting = Array(repeating: [], count: kernels.workers)
        waitingKinds = []
        append(kinds.joined(separator: " + "), mg_fold_run, hold(fold), output)
    }

    /// Before the next product: out = norm(x), or with `adding`: sum = x + adding, out = norm(sum).
    public func foldNorm(
        _ kind: Norm.Kind, epsilon: Float, x: Copies, adding: Values? = nil, sum: Copies, gamma: Tensor<Float>,
        beta: Tensor<Float>?, out: Copies
    ) throws(KernelSetError) {
        let problem = Norm.Problem(kind, rows: rows, columns: gamma.count, residual: adding != nil)
        let variant = try kernels.resolve(Norm.self, problem, for: "norm, \(phase)")
        keep(gamma)
        if let beta { keep(beta) }
        wait("norm") { worker in
            var arguments = Norm.arguments(problem, nil)
            arguments.epsilon = epsilon
            arguments.x = UnsafePointer(x[worker])
            arguments.residual = adding.map { UnsafePointer($0) }
            arguments.sum = adding.map { _ in sum[worker] }
            arguments.gamma = UnsafePointer(gamma.pointer)
            arguments.beta = beta.map { UnsafePointer($0.pointer) }
            arguments.out = out[worker]
            let kept = hold(arguments)
            if let size = variant.entry.workspace_bytes {
                let room = Tensor<UInt8>([size(kept, 1) + 64])
                keep(room)
                kept.pointee.buffers.workspace = UnsafeMutableRawPointer(room.pointer)
            }
            follow(rawField(kept, \.rows))
            return mg_step(run: variant.entry.run, arguments: kept)
        }
    }

    /// Before the next product: out = silu(gate) ∘ up.
    public func foldGate(
        gate: Values, up: Values, stride: Int, hidden: Int, out: Copies
    ) throws(KernelSetError) {
        let problem = Elementwise.Problem(.silu, count: 256)
        let variant = try kernels.resolve(Elementwise.self, problem, for: "gate, \(phase)")
        wait("gate") { worker in
            let arguments = mg_gate(
                place: UnsafePointer(place.pointer), hidden: Int64(hidden), silu: variant.entry.run, gate: gate,
                up: UnsafePointer(up), stride: Int64(stride), out: out[worker])
            return mg_step(run: mg_gate_run, arguments: hold(arguments))
        }
    }

    /// A single token from its projections to attention of the cache, which is read as it is stored, by heads; what all
    /// workers computed is merged by each before the next product.
    ///
    /// - Returns: false, with nothing appended, if a variant of the attention family is to compute it.
    public func tokenAttention(
        _ heads: HeadLayout, cache: KeyValueCache, layer: Int, angles: RotaryAngles?, projected: [Values], out: Copies
    ) -> Bool {
        precondition(rows == 1 && projected.count == 3, "queries, keys and values of one token")
        let problem = Attention.Problem(
            heads: heads.heads, kvHeads: heads.kvHeads, queries: 1, keys: cache.capacity, dim: heads.dim, causal: true,
            format: cache.format.operands)
        guard let variant = kernels.resolveToken(problem, for: "attention, \(phase)") else { return false }
        keep(cache)
        if let angles { keep(angles) }
        let partial = Int(
            mg_token_partial_floats(Int64(heads.heads), Int64(heads.dim), Int64(cache.capacity)))
        let room = layingOut(4 * (partial + kernels.workers * Int(mg_token_scratch_floats(Int64(heads.dim)))))
        let floats = UnsafeMutableRawPointer(room.pointer).assumingMemoryBound(to: Float.self)
        var arguments = mg_token_attention(
            place: UnsafePointer(place.pointer), cache: cache.layer(layer), heads: Int64(heads.heads),
            scale: problem.scale,
            projected: (UnsafePointer(projected[0]), UnsafePointer(projected[1]), UnsafePointer(projected[2])),
            cosines: angles.map { UnsafePointer($0.cosines.pointer) },
            sines: angles.map { UnsafePointer($0.sines.pointer) }, rotated: Int64(angles?.rotated ?? 0),
            halves: angles?.halves == true ? 1 : 0, partials: floats, scratch: floats + partial, o: nil)
        append("attention", variant.attend, hold(arguments), nil)
        wait("merge") { worker in
            arguments.o = out[worker]
            return mg_step(run: variant.merge, arguments: hold(arguments))
        }
        return true
    }
}
