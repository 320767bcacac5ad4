internal import CKernels
internal import CMachine
public import Machine
internal import Tensors

/// The calls of a pass through a model, in order, each with its arguments in place: what runs is a loop over direct calls,
/// without a lookup and without an allocation.
///
/// A program is made for passes of at most `rows` tokens. Build it with the operations below, `pack` the weights of all
/// programs, then `run` it any number of times.
public final class Program {
    public typealias Values = UnsafeMutablePointer<Float>

    /// What an operation leaves, for a trace.
    public struct Output {
        public var name: String
        public var values: Values
        /// Sizes after the rows; by heads, the rows come second.
        public var shape: [Int]
        public var byHeads: Bool
    }

    public let kernels: KernelSet
    public let place: Place
    /// Tokens of a pass at most.
    public let rows: Int
    /// `prefill` or `decode`, in the names of decisions.
    let phase: String
    public private(set) var outputs: [Output?] = []
    var steps: [mg_step] = []
    /// What each step is, for a profile: `linear 576→960`.
    private var kinds: [String] = []
    private var memory: [UnsafeMutableRawPointer] = []
    private var owners: [AnyObject] = []
    private var rowFields: [UnsafeMutablePointer<Int64>] = []
    private var rowsSet = -1
    private var workspaceFields: [UnsafeMutablePointer<UnsafeMutableRawPointer?>] = []
    private var workspaceBytes = 0
    private var linears: [Linear] = []
    private var rounded: [Int: Tensor<UInt16>] = [:]
    private var laidOut: Tensor<UInt8>?
    private var sealed: UnsafeMutablePointer<mg_program>?
    let queue = PackingQueue()
    /// Cheap steps that wait for the next product, worker by worker.
    var waiting: [[mg_step]]
    var waitingKinds: [String] = []

    public init(kernels: KernelSet, place: Place, rows: Int, phase: String) {
        self.kernels = kernels
        self.place = place
        self.rows = rows
        self.phase = phase
        waiting = Array(repeating: [], count: kernels.workers)
    }

    deinit {
        if let sealed {
            sealed.pointee.steps?.deallocate()
            sealed.deallocate()
        }
        for block in memory { block.deallocate() }
    }

    // MARK: - Making

    /// Keeps an argument struct where it is while the program lives.
    func hold<Arguments>(_ arguments: Arguments) -> UnsafeMutablePointer<Arguments> {
        let pointer = UnsafeMutablePointer<Arguments>.allocate(capacity: 1)
        pointer.initialize(to: arguments)
        memory.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    /// Keeps an object alive that the calls use.
    public func keep(_ owner: AnyObject) { owners.append(owner) }

    func append(
        _ kind: String, _ run: @escaping Invocation.mg_task, _ arguments: UnsafeRawPointer, _ output: Output?
    ) {
        precondition(sealed == nil, "a program that was packed takes no more steps")
        kinds.append(kind)
        steps.append(mg_step(run: run, arguments: arguments))
        outputs.append(output)
    }

    /// Keeps values where they are while the program lives, one after another.
    func hold<Value>(list values: [Value]) -> UnsafeMutablePointer<Value> {
        let pointer = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
        pointer.initialize(from: values, count: values.count)
        memory.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    /// A field that holds the rows of the pass.
    func follow(_ field: UnsafeMutablePointer<Int64>) { rowFields.append(field) }

    /// A field that shall point to at least `bytes` of scratch.
    func scratch(_ bytes: Int, _ field: UnsafeMutablePointer<UnsafeMutableRawPointer?>) {
        workspaceBytes = max(workspaceBytes, bytes)
        workspaceFields.append(field)
    }

    func use(_ linear: Linear) { linears.append(linear) }

    /// Room for rows of `columns` values in bf16, shared by all products that want it.
    func roundedRows(_ columns: Int) -> Tensor<UInt16> {
        if let there = rounded[columns] { return there }
        let room = Tensor<UInt16>([rows, columns])
        rounded[columns] = room
        return room
    }

    /// Room of all workers for what is laid out before attention reads it, shared by all layers.
    func layingOut(_ bytes: Int) -> Tensor<UInt8> {
        if let there = laidOut, there.count >= bytes { return there }
        let room = Tensor<UInt8>([bytes])
        laidOut = room
        keep(room)
        return room
    }

    /// Ends the making: lays out scratch, packs the weights that no program before it packed, by all workers of `team`.
    public func pack(on team: Team) {
        precondition(sealed == nil, "a program is packed once")
        precondition(waitingKinds.isEmpty, "\(waitingKinds) wait for a product")
        queue.run(on: team)
        let scratch = Tensor<UInt8>([workspaceBytes + 64])
        owners.append(scratch)
        for field in workspaceFields { field.pointee = UnsafeMutableRawPointer(scratch.pointer) }
        let list = UnsafeMutablePointer<mg_step>.allocate(capacity: steps.count)
        list.initialize(from: steps, count: steps.count)
        let program = UnsafeMutablePointer<mg_program>.allocate(capacity: 1)
        program.initialize(to: mg_program(steps: UnsafePointer(list), count: Int64(steps.count)))
        sealed = program
    }

    /// Lets go of weights that were in memory only to be packed: after the last program is.
    public func releaseSources() { for linear in linears { linear.releaseSource() } }

    // MARK: - Running

    private func setRows() {
        let count = place.rows
        precondition(count <= rows, "a pass of \(count) rows: the program is for \(rows)")
        if count != rowsSet {
            for field in rowFields { field.pointee = Int64(count) }
            rowsSet = count
        }
    }

    /// Runs all steps for the pass that `place` describes. Allocates nothing.
    public func run(on team: Team) {
        setRows()
        team.run(mg_program_run, sealed)
    }

    /// Runs one step after another, and adds what each took to its kind: nanoseconds, with the call of the team that a
    /// step of a program does not have.
    public func profile(on team: Team, into times: inout [String: UInt64]) {
        setRows()
        for (index, step) in steps.enumerated() {
            let start = MonotonicClock.now
            team.run(step.run, step.arguments)
            times[kinds[index], default: 0] += MonotonicClock.now - start
        }
    }

    /// Runs one step after another, and hands each output out before the next step runs.
    public func trace(on team: Team, _ visit: (Output) -> Void) {
        setRows()
        for (index, step) in steps.enumerated() {
            team.run(step.run, step.arguments)
            if let output = outputs[index] { visit(output) }
        }
    }
}
