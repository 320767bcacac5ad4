internal import CKernels
public import Kernels
internal import Machine
internal import Tensors

extension CPUDevice: PlanTarget {
    public var workers: Int { team.workers }
    /// Whether generated rows can be computed apart from prompt rows; else they are prompts of one row.
    public var hasCachedAttention: Bool { kernels.hasCachedAttention }
    public var operands: NumberFormat { pool.format.operands }

    public func choose(for work: Step.Work, in phase: Phase) throws(PlanError) -> StepChoice {
        do { return try choice(for: work, in: phase) } catch { throw PlanError(error.description) }
    }

    private func choice(for work: Step.Work, in phase: Phase) throws(KernelSetError) -> StepChoice {
        let name = phase.name
        switch work {
        case .norm(let step):
            let variant = try kernels.resolve(Norm.self, rows.map { problem(step, rows: $0) }, for: "norm, \(name)")
            return StepChoice(
                variant, of: rows(phase), by: phase.folds ? 1 : workers
            ) { Norm.arguments(self.problem(step, rows: $0), nil) }
        case .linear(let step):
            let linear = parameters.linear(step.weights, biases: step.biases)
            let operation = "linear, \(name)"
            if let format = step.quantization {
                let variant = try kernels.resolve(
                    QuantizedMatmul.self, rows.map { problem(step, format, rows: $0) }, for: operation,
                    preferring: linear.packedFor)
                return StepChoice(variant, of: rows(phase), by: workers) {
                    QuantizedMatmul.arguments(self.problem(step, format, rows: $0), nil)
                }
            }
            let variant = try kernels.resolve(
                Matmul.self, rows.map { problem(step, rows: $0) }, for: operation, preferring: linear.packedFor)
            return StepChoice(variant, of: rows(phase), by: workers) {
                self.arguments(step, rows: $0)
            }
        case .promptAttention(let step):
            let queries = [min(Self.queries, longest), 1]
            let variant = try kernels.resolve(
                Attention.self, queries.map { problem(step, queries: $0) }, for: "attention, \(name)")
            return StepChoice(
                variant: variant.name,
                workspaceBytes: callBytes(step, variant, in: phase) * workers + 2 * roomBytes(step))
        case .cachedAttention(let step):
            let variant = try kernels.resolve(
                CachedAttention.self, [problem(step)], for: "attention, \(name)")
            var arguments = mg_cached_attention()
            arguments.rows = Int64(phase.rows)
            arguments.heads = Int64(step.options.heads.heads)
            arguments.keys = Int64(longest)
            arguments.cache = cache(step.options.layer)
            let bytes = withUnsafePointer(to: arguments) { variant.entry.workspace_bytes?($0, Int32(workers)) ?? 0 }
            return StepChoice(variant: variant.name, workspaceBytes: bytes)
        case .activation(let step):
            let shapes = rows.map { Elementwise.Problem(step.function, count: $0 * step.columns) }
            return StepChoice(variant: try kernels.resolve(Elementwise.self, shapes, for: "activation, \(name)").name)
        case .gate:
            let problem = Elementwise.Problem(.silu, count: 256)
            return StepChoice(variant: try kernels.resolve(Elementwise.self, [problem], for: "gate, \(name)").name)
        case .embed, .round, .splitHeads, .joinHeads, .gather:
            return StepChoice()
        }
    }

    /// Queries that the variant for prompts is chosen for, whatever the chunk: where one begins must not matter.
    private static let queries = 256

    /// Numbers of rows whose scratch a pass may need.
    private func rows(_ phase: Phase) -> [Int] { [phase.rows] + Array(1...min(phase.rows, 64)) }

    // MARK: - Problems

    func problem(_ step: NormStep, rows: Int) -> Norm.Problem {
        Norm.Problem(step.kind, rows: rows, columns: step.columns, residual: step.adding != nil)
    }

    func problem(_ step: LinearStep, rows: Int) -> Matmul.Problem {
        Matmul.Problem(
            m: rows, n: step.outputs, k: step.inputs, transposedB: step.storage != .f32(transposed: true),
            format: step.storage == .bf16 ? .bf16 : .f32,
            epilogue: Matmul.Epilogue(bias: !step.biases.isEmpty, activation: step.activation))
    }

    /// The argument struct of a product, still without operands.
    func arguments(_ step: LinearStep, rows: Int) -> mg_matmul {
        var arguments = Matmul.arguments(problem(step, rows: rows), nil)
        arguments.buffers.tuning = tuning.pointer
        return arguments
    }

    func problem(_ step: LinearStep, _ format: QuantizationFormat, rows: Int) -> QuantizedMatmul.Problem {
        QuantizedMatmul.Problem(
            format, tokens: rows, inputs: step.inputs, outputs: step.outputs, bias: !step.biases.isEmpty,
            activation: step.activation)
    }

    /// A kv head and the query heads that share it.
    func problem(_ step: PromptAttentionStep, queries: Int) -> Attention.Problem {
        let isCausal = step.options.mask == .causal
        return Attention.Problem(
            heads: step.options.heads.heads / step.options.heads.kvHeads, kvHeads: 1, queries: queries,
            keys: isCausal ? longest : queries, dim: step.options.heads.dim, causal: isCausal,
            format: pool.format.operands)
    }

    private func problem(_ step: CachedAttentionStep) -> CachedAttention.Problem {
        let heads = step.options.heads
        return CachedAttention.Problem(
            rows: 1, heads: heads.heads, kvHeads: heads.kvHeads, keys: longest, dim: heads.dim, block: pool.page,
            format: pool.format, rotary: step.rotary != nil, stores: step.stores)
    }

    // MARK: - Scratch

    /// Bytes of a variant's workspace for a call by any number of workers, on lines of its own.
    func callBytes(_ step: PromptAttentionStep, _ variant: CompiledVariant, in phase: Phase) -> Int {
        guard let size = variant.entry.workspace_bytes else { return 64 }
        var most = 0
        for queries in 1...min(phase.rows, longest) {
            for count in 1...workers {
                let arguments = Attention.arguments(problem(step, queries: queries), nil)
                most = max(most, withUnsafePointer(to: arguments) { size($0, Int32(count)) })
            }
        }
        return (most + 127) / 64 * 64
    }

    /// Bytes of the keys, or of the values, of a kv head as a variant reads them; 0 if they always lie like that.
    func roomBytes(_ step: PromptAttentionStep) -> Int {
        guard pool.format == .q8 || pool.blocksPerText > 1 else { return 0 }
        return (longest * step.options.heads.dim * pool.format.operands.bytes + 63) / 64 * 64
    }

    func cache(_ layer: Int) -> mg_cache {
        let base = pool.memory.pointer + 2 * layer * pool.layerBytes
        return mg_cache(
            format: pool.format.compiled, kv_heads: Int64(pool.heads), dim: Int64(pool.dim),
            slots: Int64(pool.blocks * pool.page), block: Int64(pool.page), k: base, v: base + pool.layerBytes)
    }
}

extension StepChoice {
    /// A variant with the most scratch that any number of rows takes.
    fileprivate init<Arguments>(
        _ variant: CompiledVariant, of rows: [Int], by workers: Int, _ arguments: (Int) -> Arguments
    ) {
        self.init(variant: variant.name)
        guard let size = variant.entry.workspace_bytes else { return }
        for count in rows {
            let bytes = withUnsafePointer(to: arguments(count)) { size($0, Int32(workers)) }
            workspaceBytes = max(workspaceBytes, bytes)
        }
        // What is asked for nothing may still point somewhere.
        workspaceBytes = max(workspaceBytes, 64)
    }
}
