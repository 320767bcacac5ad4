internal import Kernels
internal import Tensors

/// Operations become steps: an addition goes into the norm behind it, an activation into the product before it, products
/// of one input that are stored alike become one, and attention becomes what the rows of the phase need.
struct Lowering {
    private(set) var steps: [Step] = []
    private(set) var buffers: [Plan.Buffer] = []
    private(set) var result: Location?

    private let graph: Graph
    private let phase: Phase
    private var locations: [ValueID: Location] = [:]
    /// Sums that are not computed yet: what a norm adds.
    private var sums: [ValueID: (a: ValueID, b: ValueID, operation: Int)] = [:]
    /// What turns on its way to attention.
    private var turned: [ValueID: (x: ValueID, rotary: Rotary, operation: Int)] = [:]

    init(_ graph: Graph, phase: Phase) {
        self.graph = graph
        self.phase = phase
    }

    mutating func run() throws(PlanError) {
        var next = 0
        while next < graph.operations.count { next = try lower(next) }
        guard let value = graph.result, let location = locations[value] else {
            throw PlanError("\(graph.name): nothing computes the graph's result")
        }
        result = location
    }

    /// Lowers the operation at a place, and others behind it that go into the same step; the place after them.
    private mutating func lower(_ index: Int) throws(PlanError) -> Int {
        let operation = graph.operations[index]
        let (inputs, output) = (operation.inputs, operation.outputs[0])
        switch operation.kind {
        case .embed:
            let width = columns(of: output)
            let out = make(output)
            append(
                operation.name,
                .embed(
                    EmbedStep(
                        table: graph[inputs[1]].name, positions: inputs.dropFirst(2).map { graph[$0].name },
                        width: width, out: out)), [index])
        case .add:
            sums[output] = (inputs[0], inputs[1], index)
        case .norm(let kind, let epsilon):
            try norm(index, kind, epsilon)
        case .linear:
            return try linear(index)
        case .split(let sizes):
            var location = try place(of: inputs[0])
            for (part, size) in zip(operation.outputs, sizes) {
                locations[part] = location
                location.offset += size
            }
        case .rotary(let rotary, _):
            turned[output] = (inputs[0], rotary, index)
        case .attention(let options):
            try attention(index, options)
        case .activation(let activation):
            guard let function = activation.function else {
                throw PlanError("\(operation.name): the identity is no operation")
            }
            try checkIsNotDrawn(output)
            let x = try dense(inputs[0])
            let step = ActivationStep(function: function, columns: columns(of: output), x: x, out: make(output))
            append(operation.name, .activation(step), [index])
        case .gate:
            try checkIsNotDrawn(output)
            let (gate, up) = (try place(of: inputs[0]), try place(of: inputs[1]))
            let out = make(output, ofEachWorker: phase.folds)
            append(
                operation.name, .gate(GateStep(columns: columns(of: output), gate: gate, up: up, out: out)), [index])
        case .select:
            let x = try dense(inputs[0])
            // Where a row is generated, its logits are what it is for.
            if phase.kind == .generated {
                locations[output] = x
            } else {
                let step = GatherStep(columns: columns(of: output), x: x, out: make(output))
                append(operation.name, .gather(step), [index])
            }
        }
        return index + 1
    }

    // MARK: - Values

    private func columns(of id: ValueID) -> Int { graph[id].shape.last?.count ?? 1 }

    private func isDrawn(_ id: ValueID) -> Bool { graph[id].shape.first == .drawn }

    private func place(of id: ValueID) throws(PlanError) -> Location {
        guard let location = locations[id] else {
            throw PlanError(
                sums[id] == nil
                    ? "\(graph[id].name): read before it is computed"
                    : "\(graph[id].name): a sum is computed by the norm that reads it first, and none does")
        }
        return location
    }

    /// Where a value lies that a kernel reads row behind row.
    private func dense(_ id: ValueID) throws(PlanError) -> Location {
        let location = try place(of: id)
        guard location.offset == 0, location.stride == columns(of: id) else {
            throw PlanError("\(graph[id].name) lies beside other columns; only attention and the gate read such rows")
        }
        return location
    }

    /// Steps but products compute all rows of a pass.
    private func checkIsNotDrawn(_ id: ValueID) throws(PlanError) {
        if isDrawn(id) { throw PlanError("\(graph[id].name): only products are computed of drawn rows alone") }
    }

    /// A buffer for a value.
    private mutating func make(_ id: ValueID, ofEachWorker: Bool = false) -> Location {
        let rows = isDrawn(id) ? phase.drawn : phase.rows
        let location = make(
            graph[id].name, rows: rows, columns: columns(of: id), elementBytes: 4, ofEachWorker: ofEachWorker)
        locations[id] = location
        return location
    }

    private mutating func make(
        _ name: String, rows: Int, columns: Int, elementBytes: Int, ofEachWorker: Bool = false
    ) -> Location {
        buffers.append(
            Plan.Buffer(name: name, bytes: rows * columns * elementBytes, isOfEachWorker: ofEachWorker))
        return Location(buffer: buffers.count - 1, stride: columns)
    }

    private mutating func append(_ name: String, _ work: Step.Work, _ operations: [Int]) {
        steps.append(Step(name, work, operations: operations))
    }

    // MARK: - Operations

    private mutating func norm(_ index: Int, _ kind: Norm.Kind, _ epsilon: Float) throws(PlanError) {
        let operation = graph.operations[index]
        let (x, output) = (operation.inputs[0], operation.outputs[0])
        var step = NormStep(
            kind: kind, epsilon: epsilon, columns: columns(of: output), x: Location(buffer: 0, stride: 0),
            gain: graph[operation.inputs[1]].name,
            shift: operation.inputs.count > 2 ? graph[operation.inputs[2]].name : nil,
            out: Location(buffer: 0, stride: 0))
        var operations = [index]
        try checkIsNotDrawn(output)
        if let sum = sums.removeValue(forKey: x) {
            step.x = try dense(sum.a)
            step.adding = try dense(sum.b)
            // The sum takes the place of its first term, if nothing reads that again.
            let isPending =
                sums.values.contains { $0.a == sum.a || $0.b == sum.a } || turned.values.contains { $0.x == sum.a }
            let isLast = !isPending && graph.readers(of: sum.a).allSatisfy { $0 <= sum.operation }
            let isAlike = buffers[step.x.buffer].isOfEachWorker == phase.folds
            if isLast, isAlike, !phase.isTraced {
                locations[x] = step.x
            } else {
                _ = make(x, ofEachWorker: phase.folds)
            }
            step.sum = locations[x]
            operations.insert(sum.operation, at: 0)
        } else {
            step.x = try dense(x)
        }
        step.out = make(output, ofEachWorker: phase.folds)
        append(operation.name, .norm(step), operations)
    }

    /// What a linear operation's weights are.
    private struct Product {
        var index: Int
        var output: ValueID
        var weights: ValueID
        var bias: ValueID?
        var storage: Linear.Storage
    }

    private func product(_ index: Int) -> Product? {
        guard graph.operations.indices.contains(index), case .linear(let transposed) = graph.operations[index].kind
        else { return nil }
        let operation = graph.operations[index]
        return Product(
            index: index, output: operation.outputs[0], weights: operation.inputs[1],
            bias: operation.inputs.count > 2 ? operation.inputs[2] : nil,
            storage: Linear.Storage(graph[operation.inputs[1]].format, transposed: transposed))
    }

    private mutating func linear(_ index: Int) throws(PlanError) -> Int {
        guard let first = product(index) else { preconditionFailure("operation \(index) is linear") }
        let input = graph.operations[index].inputs[0]
        var products = [first]
        while let next = product(index + products.count), next.storage == first.storage,
            graph[next.weights].format == graph[first.weights].format, next.storage != .f32(transposed: true),
            graph.operations[next.index].inputs[0] == input, (next.bias == nil) == (first.bias == nil)
        {
            products.append(next)
        }
        var operations = products.map(\.index)
        var end = index + products.count
        var output = first.output
        var activation = Activation.identity
        if products.count == 1, !phase.isTraced, end < graph.operations.count,
            case .activation(let function) = graph.operations[end].kind, graph.operations[end].inputs == [output],
            graph.readers(of: output) == [end]
        {
            (activation, output) = (function, graph.operations[end].outputs[0])
            operations.append(end)
            end += 1
        }
        let rows: RowSet = isDrawn(output) ? .drawn : .all
        var a = try dense(input)
        if first.storage == .bf16 {
            let shared = !buffers[a.buffer].isOfEachWorker
            let count = rows == .drawn ? phase.drawn : phase.rows
            let halves = make(
                "\(graph[input].name) in bf16", rows: count, columns: columns(of: input), elementBytes: 2,
                ofEachWorker: !shared)
            append(
                "\(graph[input].name) in bf16",
                .round(RoundStep(columns: columns(of: input), rows: rows, x: a, out: halves)), [])
            a = halves
        }
        let sizes = products.map { columns(of: $0.output) }
        let outputs = sizes.reduce(0, +)
        let name = products.count == 1 ? graph[output].name : joinedName(products.map { graph[$0.output].name })
        let c = make(name, rows: rows == .drawn ? phase.drawn : phase.rows, columns: outputs, elementBytes: 4)
        var part = c
        for (product, size) in zip(products, sizes) {
            locations[products.count == 1 ? output : product.output] = part
            part.offset += size
        }
        append(
            name,
            .linear(
                LinearStep(
                    weights: products.map { graph[$0.weights].name },
                    biases: products.compactMap { $0.bias.map { graph[$0].name } },
                    inputs: columns(of: input), outputs: outputs, storage: first.storage, activation: activation,
                    rows: rows, a: a, c: c)), operations)
        return end
    }

    /// `blk.0.attn_q,k,v` of `blk.0.attn_q`, `blk.0.attn_k`, `blk.0.attn_v`.
    private func joinedName(_ names: [String]) -> String {
        let ends = names.dropFirst().map { name in name.split(whereSeparator: { $0 == "_" || $0 == "." }).last ?? "" }
        return ([names[0]] + ends.map(String.init)).joined(separator: ",")
    }

    private mutating func attention(_ index: Int, _ options: AttentionOptions) throws(PlanError) {
        let operation = graph.operations[index]
        var operations = [index]
        let turns = operation.inputs.prefix(3).map { turned[$0]?.rotary }
        guard turns[0] == turns[1], turns[2] == nil else {
            throw PlanError("\(operation.name): queries and keys turn alike, and values do not")
        }
        let rotary = turns[0]
        var projected: [Location] = []
        for id in operation.inputs.prefix(3) {
            if let turn = turned[id] {
                operations.insert(turn.operation, at: operations.count - 1)
                projected.append(try place(of: turn.x))
            } else {
                projected.append(try place(of: id))
            }
        }
        let output = operation.outputs[0]
        let name = graph[output].name
        let (heads, all) = (options.heads, columns(of: output))
        guard phase.hasPrompts else {
            let out = make(output, ofEachWorker: phase.folds)
            generated(name, options, rotary, projected, out, operations)
            return
        }
        // By heads, and in the format that the cache's variant reads: f32 at most.
        let queries = make(queriesName(name), rows: phase.rows, columns: all, elementBytes: 4)
        append(
            queriesName(name),
            .splitHeads(
                SplitHeadsStep(
                    options: options, rotary: rotary, q: projected[0], k: projected[1], v: projected[2],
                    queries: queries)), operations.filter { $0 != index })
        let byHeads = make(name + " by heads", rows: phase.rows, columns: all, elementBytes: 4)
        append(name, .promptAttention(PromptAttentionStep(options: options, queries: queries, o: byHeads)), [index])
        let out = make(output)
        if phase.hasGenerated { generated(name, options, rotary, projected, out, []) }
        append("\(name) by rows", .joinHeads(JoinHeadsStep(heads: heads, from: byHeads, to: out)), [])
    }

    /// Attention of generated rows: their keys and values are stored before, unless a row is alone, and what all workers
    /// computed is merged by each for itself, where the phase folds.
    private mutating func generated(
        _ name: String, _ options: AttentionOptions, _ rotary: Rotary?, _ projected: [Location], _ out: Location,
        _ operations: [Int]
    ) {
        let partials = make("\(name) partials", rows: 0, columns: 0, elementBytes: 4)
        var stages: [CachedAttentionStep.Stage] = phase.folds ? [.attend, .merge] : [.all]
        if !phase.storesOnTheWay { stages.insert(.store, at: 0) }
        for stage in stages {
            let step = CachedAttentionStep(
                options: options, rotary: rotary, stage: stage, stores: phase.storesOnTheWay, q: projected[0],
                k: projected[1], v: projected[2], partials: partials, o: out)
            let isMain = stage == .attend || stage == .all
            append(stage == .store ? queriesName(name) : name, .cachedAttention(step), isMain ? operations : [])
        }
    }

    /// `blk.0.q` of `blk.0.attention`.
    private func queriesName(_ attention: String) -> String {
        (attention.split(separator: ".").dropLast().map(String.init) + ["q"]).joined(separator: ".")
    }
}
