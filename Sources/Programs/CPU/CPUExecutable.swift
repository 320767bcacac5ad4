internal import CKernels
internal import CMachine
internal import Kernels
internal import Machine
internal import Tensors

/// A plan as calls of compiled kernels, in order, each with its arguments in place: what runs is a loop over direct calls,
/// without a lookup and without an allocation.
public final class CPUExecutable: Executable {
    public let plan: Plan
    let device: CPUDevice
    let arena: Tensor<UInt8>
    /// The rows of the pass, as the steps read them.
    let batch: UnsafeMutablePointer<mg_batch>
    private let rows: UnsafeMutablePointer<mg_row>
    private let segmentOf: UnsafeMutablePointer<Int64>
    private let segments: UnsafeMutablePointer<mg_segment>
    private let draws: UnsafeMutablePointer<Int64>
    private let program: UnsafeMutablePointer<mg_program>
    private let steps: UnsafeMutablePointer<mg_step>
    private let stepCount: Int
    /// Steps before the first that drawn rows alone are for.
    private let bodyCount: Int
    private var memory: [UnsafeMutableRawPointer] = []
    private var owners: [AnyObject] = []
    private var embedding: Embedding?
    /// Argument fields that hold the number of rows, or of drawn ones.
    private var fields: [RowSet: [UnsafeMutablePointer<Int64>]] = [:]
    private var generatedFields: [UnsafeMutablePointer<Int64>] = []
    private var counts = (rows: -1, drawn: -1, generated: -1)

    init(_ plan: Plan, on device: CPUDevice) {
        self.plan = plan
        self.device = device
        arena = Tensor([plan.arenaBytes + 64])
        func room<Element>(_ type: Element.Type, _ count: Int) -> UnsafeMutablePointer<Element> {
            let pointer = UnsafeMutableRawPointer.allocate(
                byteCount: max(count, 1) * MemoryLayout<Element>.stride, alignment: 64)
            return pointer.bindMemory(to: type, capacity: max(count, 1))
        }
        rows = room(mg_row.self, plan.phase.rows)
        segmentOf = room(Int64.self, plan.phase.rows)
        segments = room(mg_segment.self, plan.phase.rows)
        draws = room(Int64.self, plan.phase.rows)
        batch = room(mg_batch.self, 1)
        batch.initialize(
            to: mg_batch(
                rows: 0, generated: 0, row: rows, segment_of: segmentOf, segments: 0, segment: segments,
                tables: device.pool.tables.pointer, drawn: 0, draws: draws))
        program = room(mg_program.self, 1)
        // Tokens are embedded by the calling thread.
        let calls = plan.steps.filter { if case .embed = $0.work { false } else { true } }
        stepCount = calls.count
        bodyCount = plan.head - (plan.steps.count - calls.count)
        steps = room(mg_step.self, stepCount)
        program.initialize(to: mg_program(steps: steps, count: Int64(stepCount)))
        memory = [
            UnsafeMutableRawPointer(rows), UnsafeMutableRawPointer(segmentOf), UnsafeMutableRawPointer(segments),
            UnsafeMutableRawPointer(draws), UnsafeMutableRawPointer(batch), UnsafeMutableRawPointer(program),
            UnsafeMutableRawPointer(steps),
        ]
        for step in plan.steps {
            guard case .embed(let embed) = step.work else { continue }
            embedding = Embedding(embed, device: device)
        }
        for (index, step) in calls.enumerated() { (steps + index).initialize(to: bind(step)) }
    }

    deinit { for block in memory { block.deallocate() } }

    // MARK: - Binding

    /// Keeps an argument struct where it is while the executable lives.
    func hold<Arguments>(_ arguments: Arguments) -> UnsafeMutablePointer<Arguments> { hold(list: [arguments]) }

    /// Keeps values where they are while the executable lives, one after another.
    func hold<Element>(list values: [Element]) -> UnsafeMutablePointer<Element> {
        let pointer = UnsafeMutablePointer<Element>.allocate(capacity: max(values.count, 1))
        pointer.initialize(from: values, count: values.count)
        memory.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    /// Keeps an object alive that the calls use.
    func keep(_ owner: AnyObject) { owners.append(owner) }

    /// A field that holds the number of rows.
    func follow(_ set: RowSet, _ field: UnsafeMutablePointer<Int64>) { fields[set, default: []].append(field) }

    /// A field that holds the number of generated rows.
    func followGenerated(_ field: UnsafeMutablePointer<Int64>) { generatedFields.append(field) }

    /// Where a value lies, or a worker's copy of it.
    func address(_ location: Location, worker: Int = 0, elementBytes: Int = 4) -> UnsafeMutableRawPointer {
        raw(location.buffer, worker: worker) + location.offset * elementBytes
    }

    func values(_ location: Location, worker: Int = 0) -> UnsafeMutablePointer<Float> {
        address(location, worker: worker).assumingMemoryBound(to: Float.self)
    }

    func raw(_ buffer: Int, worker: Int = 0) -> UnsafeMutableRawPointer {
        let buffer = plan.buffers[buffer]
        let copy = buffer.isOfEachWorker ? worker * Plan.apart(buffer.bytes) : 0
        return UnsafeMutableRawPointer(arena.pointer) + buffer.offset + copy
    }

    // MARK: - Running

    public func run(_ batch: Batch) {
        enter(batch)
        device.team.run(mg_program_run, program)
    }

    public func run(_ batch: Batch, recording probe: StepProbe) {
        enter(batch)
        probe.run(program.pointee, first: plan.steps.count - stepCount, on: device.team)
    }

    public func draw(_ batch: Batch) {
        precondition(plan.phase.hasPrompts, "generated rows are all drawn")
        set(batch.draws)
        program.pointee = mg_program(steps: steps + bodyCount, count: Int64(stepCount - bodyCount))
        device.team.run(mg_program_run, program)
    }

    private func set(_ drawn: [Int]) {
        precondition(drawn.count <= plan.phase.drawn, "\(drawn.count) rows are drawn: \(plan.phase.drawn) at most")
        for (index, row) in drawn.enumerated() { draws[index] = Int64(row) }
        batch.pointee.drawn = Int64(drawn.count)
        guard counts.drawn != drawn.count else { return }
        for field in fields[.drawn] ?? [] { field.pointee = Int64(drawn.count) }
        counts.drawn = drawn.count
    }

    private func enter(_ pass: Batch) {
        precondition(pass.count >= 1 && pass.count <= plan.phase.rows, "\(pass.count) rows in a \(plan.phase)")
        precondition(plan.phase.hasPrompts || pass.segments.isEmpty, "prompt rows in a \(plan.phase)")
        precondition(plan.phase.hasGenerated || pass.generated == 0, "generated rows in a \(plan.phase)")
        for (index, row) in pass.rows.enumerated() {
            rows[index] = mg_row(
                position: Int64(row.position), slot: Int64(row.slot), first: Int64(row.first), table: Int64(row.table))
            segmentOf[index] = Int64(row.segment)
            embedding?.write(row.token, position: row.position, to: vector(index))
        }
        for (index, segment) in pass.segments.enumerated() {
            segments[index] = mg_segment(row: Int64(segment.row), rows: Int64(segment.rows))
        }
        batch.pointee.rows = Int64(pass.count)
        batch.pointee.generated = Int64(pass.generated)
        batch.pointee.segments = Int64(pass.segments.count)
        if counts.rows != pass.count {
            for field in fields[.all] ?? [] { field.pointee = Int64(pass.count) }
            counts.rows = pass.count
        }
        if counts.generated != pass.generated {
            for field in generatedFields { field.pointee = Int64(pass.generated) }
            counts.generated = pass.generated
        }
        set(pass.draws)
        // With nothing drawn a pass ends before the head.
        program.pointee = mg_program(steps: steps, count: Int64(pass.draws.isEmpty ? bodyCount : stepCount))
    }

    /// Where a row's vector goes in.
    private func vector(_ index: Int) -> UnsafeMutablePointer<Float> {
        guard let embedding else { preconditionFailure("\(plan.graph.name) embeds no token") }
        return values(embedding.step.out) + index * embedding.step.width
    }

    // MARK: - Results

    public var result: UnsafeMutableBufferPointer<Float> {
        guard let location = plan.result, let id = plan.graph.result else {
            preconditionFailure("\(plan.graph.name) has no result")
        }
        let isDrawn = plan.graph[id].shape.first == .drawn
        let rows = isDrawn ? plan.phase.drawn : plan.phase.rows
        return UnsafeMutableBufferPointer(start: values(location), count: rows * location.stride)
    }

    public func values(at location: Location, rows: Int, columns: Int) -> [Float] {
        let first = values(location)
        return (0..<rows).flatMap { row in
            Array(UnsafeBufferPointer(start: first + row * location.stride, count: columns))
        }
    }
}

/// Tokens to vectors, by the calling thread.
private struct Embedding {
    let step: EmbedStep
    private let table: any RowTable
    private let added: Tensor<Float>?

    init(_ step: EmbedStep, device: CPUDevice) {
        self.step = step
        table = device.parameters.table(step.table)
        added = device.added(step.positions)
    }

    func write(_ token: Int32, position: Int, to out: UnsafeMutablePointer<Float>) {
        table.write(row: Int(token), to: out)
        guard let added else { return }
        let row = added.pointer + position * step.width
        for index in 0..<step.width { out[index] += row[index] }
    }
}
