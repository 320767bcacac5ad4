internal import CKernels
internal import CMachine
public import Tensors

/// The operations that a decoder is made of. Rows are tokens; all memory is the caller's and stays where it is.
extension Program {
    /// out = norm(x), or with `adding`: x += adding, out = norm(x).
    public func norm(
        _ name: String, _ kind: Norm.Kind, epsilon: Float, x: Values, adding: Values? = nil, gamma: Tensor<Float>,
        beta: Tensor<Float>?, out: Values
    ) throws(KernelSetError) {
        let problem = Norm.Problem(kind, rows: rows, columns: gamma.count, residual: adding != nil)
        let variant = try kernels.resolve(Norm.self, problem, for: "norm, \(phase)")
        var arguments = Norm.arguments(problem, nil)
        arguments.epsilon = epsilon
        arguments.x = UnsafePointer(x)
        arguments.residual = adding.map { UnsafePointer($0) }
        arguments.sum = adding.map { _ in x }
        arguments.gamma = UnsafePointer(gamma.pointer)
        arguments.beta = beta.map { UnsafePointer($0.pointer) }
        arguments.out = out
        keep(gamma)
        if let beta { keep(beta) }
        let kept = hold(arguments)
        take(variant, kept, buffers: \.buffers, rows: \.rows)
        append(
            "norm", variant.entry.run, kept, Output(name: name, values: out, shape: [gamma.count], byHeads: false))
    }

    /// c = activation(a·Wᵀ + bias).
    public func linear(
        _ linear: Linear, from a: Values, to c: Values, activation: Activation = .identity
    ) throws(KernelSetError) {
        try self.linear(linear, from: Copies(a), to: c, activation: activation)
    }

    /// c = activation(a·Wᵀ + bias), after what waits for it: each worker reads its own copy of a.
    public func linear(
        _ linear: Linear, from a: Copies, to c: Values, activation: Activation = .identity
    ) throws(KernelSetError) {
        let output = Output(name: linear.name, values: c, shape: [linear.outputs], byHeads: false)
        use(linear)
        keep(linear)
        let kind = "linear \(linear.inputs)→\(linear.outputs)"
        switch linear.storage {
        case .quantized(let format):
            let problem = QuantizedMatmul.Problem(
                format, tokens: rows, inputs: linear.inputs, outputs: linear.outputs, bias: linear.bias != nil,
                activation: activation)
            let variant = try kernels.resolve(
                QuantizedMatmul.self, problem, for: "linear, \(phase)", preferring: linear.packedFor)
            var arguments = QuantizedMatmul.arguments(problem, nil)
            arguments.w = linear.bytes.baseAddress
            arguments.bias = linear.bias.map { UnsafePointer($0.pointer) }
            arguments.c = c
            fold(kind, output, isShared: a.isShared) { worker in
                arguments.a = UnsafePointer(a[worker])
                let kept = hold(arguments)
                take(variant, kept, buffers: \.buffers, rows: \.m)
                pack(linear, variant, kept, buffers: \.buffers)
                return mg_step(run: variant.entry.run, arguments: kept)
            }
        case .f32, .bf16:
            let isHalf = linear.storage == .bf16
            let problem = Matmul.Problem(
                m: rows, n: linear.outputs, k: linear.inputs, transposedB: linear.storage != .f32(transposed: true),
                format: isHalf ? .bf16 : .f32,
                epilogue: Matmul.Epilogue(bias: linear.bias != nil, activation: activation))
            let variant = try kernels.resolve(
                Matmul.self, problem, for: "linear, \(phase)", preferring: linear.packedFor)
            var arguments = Matmul.arguments(problem, nil)
            arguments.b = linear.bytes.baseAddress
            arguments.bias = linear.bias.map { UnsafePointer($0.pointer) }
            arguments.c = c
            let halves = isHalf ? round(a, columns: linear.inputs) : nil
            fold(kind, output, isShared: a.isShared) { worker in
                arguments.a = halves.map { $0(worker) } ?? UnsafeRawPointer(a[worker])
                let kept = hold(arguments)
                take(variant, kept, buffers: \.buffers, rows: \.m)
                pack(linear, variant, kept, buffers: \.buffers)
                return mg_step(run: variant.entry.run, arguments: kept)
            }
        }
    }

    /// out = activation(x), value by value.
    public func activation(
        _ name: String, _ function: Elementwise.Function, x: Values, columns: Int, out: Values
    ) throws(KernelSetError) {
        let problem = Elementwise.Problem(function, count: rows * columns)
        let variant = try kernels.resolve(Elementwise.self, problem, for: "activation, \(phase)")
        var arguments = Elementwise.arguments(problem, nil)
        // All rows that there is room for, whatever the pass: the count is not a field that follows the rows.
        arguments.x = UnsafePointer(x)
        arguments.out = out
        append(
            "activation", variant.entry.run, hold(arguments),
            Output(name: name, values: out, shape: [columns], byHeads: false))
    }

    /// Queries by heads, keys and values into the cache, queries and keys rotated if there are angles.
    ///
    /// - Parameter part: the layer of the cache that is written; `layer` by itself.
    public func splitHeads(
        _ heads: HeadLayout, cache: KeyValueCache, layer: Int, part: Int? = nil, angles: RotaryAngles?,
        projected: [(Values, Int)], q: UnsafeMutableRawPointer
    ) {
        precondition(projected.count == 3, "queries, keys and values")
        let (queries, keys, values) = (projected[0], projected[1], projected[2])
        let arguments = mg_split_heads(
            place: UnsafePointer(place.pointer), cache: cache.layer(part ?? layer), heads: Int64(heads.heads),
            projected: (UnsafePointer(queries.0), UnsafePointer(keys.0), UnsafePointer(values.0)),
            stride: (Int64(queries.1), Int64(keys.1), Int64(values.1)),
            cosines: angles.map { UnsafePointer($0.cosines.pointer) },
            sines: angles.map { UnsafePointer($0.sines.pointer) }, rotated: Int64(angles?.rotated ?? 0),
            halves: angles?.halves == true ? 1 : 0, dtype: cache.format.operands == .bf16 ? MG_BF16 : MG_F32, q: q)
        keep(cache)
        if let angles { keep(angles) }
        let output =
            cache.format.operands == .f32
            ? Output(
                name: "blk.\(layer).q", values: q.assumingMemoryBound(to: Float.self), shape: [heads.heads, heads.dim],
                byHeads: true) : nil
        append("heads", mg_split_heads_run, hold(arguments), output)
    }

    /// o = attention of q to the cache, by heads.
    public func attention(
        _ heads: HeadLayout, cache: KeyValueCache, layer: Int, q: UnsafeRawPointer, o: Values
    ) throws(KernelSetError) {
        let format = cache.format.operands
        let problem = { (queries: Int) in
            Attention.Problem(
                heads: heads.heads / heads.kvHeads, kvHeads: 1, queries: queries, keys: cache.capacity, dim: heads.dim,
                causal: true, format: format)
        }
        let variant = try kernels.resolve(Attention.self, problem(rows), for: "attention, \(phase)")
        var call = 0
        if let size = variant.entry.workspace_bytes {
            for queries in Set([1, rows]) {
                for workers in 1...kernels.workers {
                    let sizes = Attention.arguments(problem(queries), nil)
                    call = max(call, withUnsafePointer(to: sizes) { size($0, Int32(workers)) })
                }
            }
        }
        call = (call + 127) / 64 * 64
        var arguments = mg_cached_attention(
            place: UnsafePointer(place.pointer), cache: cache.layer(layer), heads: Int64(heads.heads),
            scale: problem(1).scale, dtype: format == .bf16 ? MG_BF16 : MG_F32, run: variant.entry.run, q: q, o: o,
            workspace: nil, call_bytes: call, scratch: nil)
        if cache.page > 0 || cache.format == .q8 {
            let room = layingOut(2 * kernels.workers * cache.capacity * heads.dim * format.bytes)
            arguments.scratch = room.pointer
        }
        let kept = hold(arguments)
        scratch(call * kernels.workers, rawField(kept, \.workspace))
        append(
            "attention", mg_cached_attention_run, kept,
            Output(name: "blk.\(layer).attention", values: o, shape: [heads.heads, heads.dim], byHeads: true))
    }

    /// `[heads][rows][dim]` to `[rows][heads·dim]`.
    public func joinHeads(_ heads: HeadLayout, from headsFirst: Values, to rowsFirst: Values) {
        let arguments = mg_join_heads(
            place: UnsafePointer(place.pointer), heads: Int64(heads.heads), dim: Int64(heads.dim),
            heads_first: UnsafePointer(headsFirst), rows_first: rowsFirst)
        append("heads", mg_join_heads_run, hold(arguments), nil)
    }

    /// out = silu(gate) ∘ up; `gate` is overwritten.
    public func gate(
        _ name: String, gate: Values, up: Values, stride: Int, hidden: Int, out: Values
    ) throws(KernelSetError) {
        let problem = Elementwise.Problem(.silu, count: 256)
        let variant = try kernels.resolve(Elementwise.self, problem, for: "gate, \(phase)")
        let arguments = mg_gate(
            place: UnsafePointer(place.pointer), hidden: Int64(hidden), silu: variant.entry.run, gate: gate,
            up: UnsafePointer(up), stride: Int64(stride), out: out)
        append("gate", mg_gate_run, hold(arguments), Output(name: name, values: out, shape: [hidden], byHeads: false))
    }

    // MARK: - Parts

    /// Rounded copies of a; where workers have copies of their own, each rounds its own before the product.
    private func round(_ a: Copies, columns: Int) -> (Int) -> UnsafeRawPointer {
        let copies = a.isShared ? 1 : kernels.workers
        let room = roundedRows(copies * columns)
        keep(room)
        let apart = rows * columns
        let steps = (0..<copies).map { worker in
            let arguments = mg_round_rows(
                place: UnsafePointer(place.pointer), columns: Int64(columns), x: UnsafePointer(a[worker]),
                out: room.pointer + worker * apart)
            return mg_step(run: mg_round_rows_run, arguments: hold(arguments))
        }
        if a.isShared {
            append("rounding", mg_round_rows_run, steps[0].arguments, nil)
        } else {
            wait("rounding") { steps[$0] }
        }
        return { UnsafeRawPointer(room.pointer + (a.isShared ? 0 : $0) * apart) }
    }

    private func pack<Arguments>(
        _ linear: Linear, _ variant: CompiledVariant, _ arguments: UnsafeMutablePointer<Arguments>,
        buffers: WritableKeyPath<Arguments, mg_buffers>
    ) {
        linear.pack(
            for: variant, arguments: arguments, argumentBytes: MemoryLayout<Arguments>.size,
            field: rawField(arguments, buffers.appending(path: \.packed)), queue: queue)
    }

    /// Scratch for every count of rows that a pass may have, and the field that follows them.
    func take<Arguments>(
        _ variant: CompiledVariant, _ arguments: UnsafeMutablePointer<Arguments>,
        buffers: WritableKeyPath<Arguments, mg_buffers>, rows field: WritableKeyPath<Arguments, Int64>
    ) {
        if let size = variant.entry.workspace_bytes {
            var most = 0
            var copy = arguments.pointee
            for count in [rows] + Array(1...min(rows, 64)) {
                copy[keyPath: field] = Int64(count)
                most = max(most, withUnsafePointer(to: copy) { size($0, Int32(kernels.workers)) })
            }
            scratch(most, rawField(arguments, buffers.appending(path: \.workspace)))
        }
        follow(rawField(arguments, field))
    }

    /// The address of a field of an argument struct that the program keeps.
    func rawField<Arguments, Field, Result>(
        _ arguments: UnsafeMutablePointer<Arguments>, _ field: WritableKeyPath<Arguments, Field>
    ) -> UnsafeMutablePointer<Result> {
        guard let offset = MemoryLayout<Arguments>.offset(of: field) else {
            preconditionFailure("\(Arguments.self) is a C struct: its members lie where they lie")
        }
        return (UnsafeMutableRawPointer(arguments) + offset).assumingMemoryBound(to: Result.self)
    }
}
