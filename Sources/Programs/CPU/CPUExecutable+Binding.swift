internal import CKernels
internal import CMachine
internal import Kernels
internal import Tensors

/// Steps become calls: each kind of step is an argument struct, filled in, and the function that takes it.
extension CPUExecutable {
    /// A step with what is folded into it.
    func bind(_ step: Step) -> mg_step {
        guard !step.before.isEmpty || readsCopies(step) else { return call(step, worker: 0) }
        let workers = 0..<device.workers
        let before = workers.flatMap { worker in step.before.map { call($0, worker: worker) } }
        let fold = mg_fold(
            before: hold(list: before), count: Int64(step.before.count),
            steps: hold(list: workers.map { call(step, worker: $0) }))
        return mg_step(run: mg_fold_run, arguments: hold(fold))
    }

    /// Whether each worker reads a copy of its own.
    private func readsCopies(_ step: Step) -> Bool {
        step.work.locations.reads.contains { plan.buffers[$0.buffer].isOfEachWorker }
    }

    private func call(_ step: Step, worker: Int) -> mg_step {
        switch step.work {
        case .embed: preconditionFailure("tokens are embedded by the calling thread")
        case .norm(let work): norm(step, work, worker)
        case .linear(let work): linear(step, work, worker)
        case .round(let work): round(work, worker)
        case .splitHeads(let work): splitHeads(work)
        case .promptAttention(let work): promptAttention(step, work)
        case .joinHeads(let work): joinHeads(work)
        case .cachedAttention(let work): cachedAttention(step, work, worker)
        case .activation(let work): activation(step, work)
        case .gate(let work): gate(step, work, worker)
        case .gather(let work): gather(work)
        }
    }

    private func variant<Family: KernelFamily>(_ family: Family.Type, _ step: Step) -> CompiledVariant {
        guard let found = Family.variants.first(where: { $0.name == step.variant }), let compiled = found.compiled
        else {
            preconditionFailure("\(step.name): \(Family.name) has no compiled variant \(step.variant ?? "")")
        }
        return compiled
    }

    /// The address of a field of an argument struct that the executable keeps.
    private func field<Arguments, Field, Result>(
        _ arguments: UnsafeMutablePointer<Arguments>, _ field: WritableKeyPath<Arguments, Field>
    ) -> UnsafeMutablePointer<Result> {
        guard let offset = MemoryLayout<Arguments>.offset(of: field) else {
            preconditionFailure("\(Arguments.self) is a C struct: its members lie where they lie")
        }
        return (UnsafeMutableRawPointer(arguments) + offset).assumingMemoryBound(to: Result.self)
    }

    private func workspace(_ step: Step, _ worker: Int) -> UnsafeMutableRawPointer? {
        step.workspace.map { raw($0, worker: worker) }
    }

    // MARK: - Families

    private func norm(_ step: Step, _ work: NormStep, _ worker: Int) -> mg_step {
        let gain = device.parameters.vector(work.gain)
        let shift = work.shift.map { device.parameters.vector($0) }
        keep(gain)
        if let shift { keep(shift) }
        var arguments = Norm.arguments(device.problem(work, rows: 1), nil)
        arguments.buffers.workspace = workspace(step, worker)
        arguments.epsilon = work.epsilon
        arguments.x = UnsafePointer(values(work.x, worker: worker))
        arguments.residual = work.adding.map { UnsafePointer(values($0, worker: worker)) }
        arguments.sum = work.sum.map { values($0, worker: worker) }
        arguments.gamma = UnsafePointer(gain.pointer)
        arguments.beta = shift.map { UnsafePointer($0.pointer) }
        arguments.out = values(work.out, worker: worker)
        let kept = hold(arguments)
        follow(.all, field(kept, \.rows))
        return mg_step(run: variant(Norm.self, step).entry.run, arguments: kept)
    }

    private func linear(_ step: Step, _ work: LinearStep, _ worker: Int) -> mg_step {
        let linear = device.parameters.linear(work.weights, biases: work.biases)
        keep(linear)
        let bias = linear.bias.map { UnsafePointer($0.pointer) }
        if let format = work.quantization {
            let variant = variant(QuantizedMatmul.self, step)
            var arguments = QuantizedMatmul.arguments(device.problem(work, format, rows: 1), nil)
            arguments.buffers.workspace = workspace(step, 0)
            arguments.w = linear.bytes.baseAddress
            arguments.bias = bias
            arguments.a = UnsafePointer(values(work.a, worker: worker))
            arguments.c = values(work.c)
            let kept = hold(arguments)
            follow(work.rows, field(kept, \.m))
            pack(linear, variant, kept, buffers: \.buffers)
            return mg_step(run: variant.entry.run, arguments: kept)
        }
        let variant = variant(Matmul.self, step)
        var arguments = device.arguments(work, rows: 1)
        arguments.buffers.workspace = workspace(step, 0)
        arguments.b = linear.bytes.baseAddress
        arguments.bias = bias
        arguments.a = UnsafeRawPointer(
            address(work.a, worker: worker, elementBytes: work.storage == .bf16 ? 2 : 4))
        arguments.c = values(work.c)
        let kept = hold(arguments)
        follow(work.rows, field(kept, \.m))
        pack(linear, variant, kept, buffers: \.buffers)
        return mg_step(run: variant.entry.run, arguments: kept)
    }

    private func pack<Arguments>(
        _ linear: Linear, _ variant: CompiledVariant, _ arguments: UnsafeMutablePointer<Arguments>,
        buffers: WritableKeyPath<Arguments, mg_buffers>
    ) {
        linear.pack(
            for: variant, arguments: arguments, argumentBytes: MemoryLayout<Arguments>.size,
            field: field(arguments, buffers.appending(path: \.packed)), queue: device.queue)
    }

    private func activation(_ step: Step, _ work: ActivationStep) -> mg_step {
        // All rows that there is room for, whatever the pass: the count is not a field that follows the rows.
        let problem = Elementwise.Problem(work.function, count: plan.phase.rows * work.columns)
        var arguments = Elementwise.arguments(problem, nil)
        arguments.x = UnsafePointer(values(work.x))
        arguments.out = values(work.out)
        return mg_step(run: variant(Elementwise.self, step).entry.run, arguments: hold(arguments))
    }

    // MARK: - Between families

    private func round(_ work: RoundStep, _ worker: Int) -> mg_step {
        let arguments = mg_round_rows(
            batch: batch, columns: Int64(work.columns), drawn: work.rows == .drawn ? 1 : 0,
            x: UnsafePointer(values(work.x, worker: worker)),
            out: address(work.out, worker: worker, elementBytes: 2).assumingMemoryBound(to: UInt16.self))
        return mg_step(run: mg_round_rows_run, arguments: hold(arguments))
    }

    private func gate(_ step: Step, _ work: GateStep, _ worker: Int) -> mg_step {
        let arguments = mg_gate(
            batch: batch, columns: Int64(work.columns), silu: variant(Elementwise.self, step).entry.run,
            gate: UnsafePointer(values(work.gate, worker: worker)), up: UnsafePointer(values(work.up, worker: worker)),
            gate_stride: Int64(work.gate.stride), up_stride: Int64(work.up.stride),
            out: values(work.out, worker: worker))
        return mg_step(run: mg_gate_run, arguments: hold(arguments))
    }

    private func gather(_ work: GatherStep) -> mg_step {
        let arguments = mg_gather_rows(
            batch: batch, columns: Int64(work.columns), x: UnsafePointer(values(work.x)), out: values(work.out))
        return mg_step(run: mg_gather_rows_run, arguments: hold(arguments))
    }

    // MARK: - Attention

    private func rotary(_ rotary: Rotary?) -> mg_rotary {
        guard let rotary else { return mg_rotary() }
        let angles = device.angles(rotary)
        keep(angles)
        return mg_rotary(
            cosines: UnsafePointer(angles.cosines.pointer), sines: UnsafePointer(angles.sines.pointer),
            rotated: Int64(angles.rotated), halves: angles.halves ? 1 : 0)
    }

    private var operands: mg_dtype { device.pool.format.operands == .bf16 ? MG_BF16 : MG_F32 }

    private func splitHeads(_ work: SplitHeadsStep) -> mg_step {
        let arguments = mg_split_heads(
            batch: batch, cache: device.cache(work.options.layer), heads: Int64(work.options.heads.heads),
            q: UnsafePointer(values(work.q)), k: UnsafePointer(values(work.k)), v: UnsafePointer(values(work.v)),
            q_stride: Int64(work.q.stride), k_stride: Int64(work.k.stride), v_stride: Int64(work.v.stride),
            rotary: rotary(work.rotary), dtype: operands, queries: address(work.queries))
        return mg_step(run: mg_split_heads_run, arguments: hold(arguments))
    }

    private func promptAttention(_ step: Step, _ work: PromptAttentionStep) -> mg_step {
        let variant = variant(Attention.self, step)
        let call = device.callBytes(work, variant, in: plan.phase)
        let workspace = workspace(step, 0)?.assumingMemoryBound(to: UInt8.self)
        let arguments = mg_prompt_attention(
            batch: batch, cache: device.cache(work.options.layer), heads: Int64(work.options.heads.heads),
            causal: work.options.mask == .causal ? 1 : 0, scale: device.problem(work, queries: 1).scale,
            dtype: operands,
            run: variant.entry.run, queries: UnsafeRawPointer(address(work.queries)), o: values(work.o),
            workspace: workspace, call_bytes: call, room: workspace.map { $0 + call * device.workers },
            keys: Int64(device.longest))
        return mg_step(run: mg_prompt_attention_run, arguments: hold(arguments))
    }

    private func joinHeads(_ work: JoinHeadsStep) -> mg_step {
        let arguments = mg_join_heads(
            batch: batch, heads: Int64(work.heads.heads), dim: Int64(work.heads.dim),
            heads_first: UnsafePointer(values(work.from)), rows_first: values(work.to))
        return mg_step(run: mg_join_heads_run, arguments: hold(arguments))
    }

    private func cachedAttention(_ step: Step, _ work: CachedAttentionStep, _ worker: Int) -> mg_step {
        let heads = work.options.heads
        let stage =
            switch work.stage {
            case .store: MG_STAGE_STORE
            case .all: MG_STAGE_ALL
            case .attend: MG_STAGE_ATTEND
            case .merge: MG_STAGE_MERGE
            }
        var arguments = mg_cached_attention()
        arguments.buffers.workspace = raw(work.partials.buffer)
        arguments.heads = Int64(heads.heads)
        arguments.cache = device.cache(work.options.layer)
        arguments.keys = Int64(device.longest)
        arguments.rotary = rotary(work.rotary)
        arguments.scale = 1 / Float(heads.dim).squareRoot()
        arguments.stores = work.stores ? 1 : 0
        arguments.stage = stage
        arguments.row = batch.pointee.row
        arguments.tables = batch.pointee.tables
        arguments.q = UnsafePointer(values(work.q))
        arguments.k = UnsafePointer(values(work.k))
        arguments.v = UnsafePointer(values(work.v))
        arguments.q_stride = Int64(work.q.stride)
        arguments.k_stride = Int64(work.k.stride)
        arguments.v_stride = Int64(work.v.stride)
        arguments.o = values(work.o, worker: worker)
        let kept = hold(arguments)
        followGenerated(field(kept, \.rows))
        return mg_step(run: variant(CachedAttention.self, step).entry.run, arguments: kept)
    }
}
