internal import CKernels
public import CMachine
public import Machine
internal import Tensors

/// A worker's place in the team, as the Swift variants see it.
public struct Work {
    private let place: mg_work

    init(_ place: mg_work) { self.place = place }

    public var index: Int { Int(place.index) }
    public var count: Int { Int(place.count) }

    /// This worker's part of `total` items, in multiples of `grain`.
    public func range(of total: Int, grain: Int = 1) -> Range<Int> {
        let blocks = (total + grain - 1) / grain
        return min(total, blocks * index / count * grain)..<min(total, blocks * (index + 1) / count * grain)
    }

    /// Waits until all workers of this call are here.
    public func wait() { withUnsafePointer(to: place) { mg_work_wait($0) } }
}

/// A variant bound to its operands: packed weights and workspace made, ready to be called any number of times.
public final class Invocation {
    let arguments: UnsafeMutableRawPointer
    private let task: mg_task
    private let destroy: (UnsafeMutableRawPointer) -> Void
    private var owners: [AnyObject]
    private let onTeam: Bool
    /// How many workers of the team take part at most; all if nil.
    public var workerLimit: Int?
    /// Bytes of the weights as they were laid out beforehand; 0 if they are read as they come.
    public private(set) var packedBytes = 0
    /// Bytes of scratch that the harness gave it, of all workers together. What a variant in Swift or a library
    /// allocates for itself is not seen.
    public private(set) var workspaceBytes = 0

    public typealias mg_task = @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void

    /// A call of a compiled kernel. `Arguments` is the family's C struct, which begins with `mg_buffers`.
    init<Arguments>(arguments: Arguments, task: @escaping mg_task, owner: AnyObject) {
        let memory = UnsafeMutablePointer<Arguments>.allocate(capacity: 1)
        memory.initialize(to: arguments)
        self.arguments = UnsafeMutableRawPointer(memory)
        self.task = task
        destroy = { $0.assumingMemoryBound(to: Arguments.self).deallocate() }
        owners = [owner]
        onTeam = true
    }

    /// A call of a variant written in Swift, run by every worker of the team.
    public convenience init(owner: AnyObject, _ body: @escaping (Work) -> Void) {
        self.init(body: body, owner: owner, onTeam: true)
    }

    /// A call that the calling thread makes alone, such as one into a library with threads of its own.
    public static func alone(owner: AnyObject, _ body: @escaping () -> Void) -> Invocation {
        Invocation(body: { _ in body() }, owner: owner, onTeam: false)
    }

    private init(body: @escaping (Work) -> Void, owner: AnyObject, onTeam: Bool) {
        let box = Box(body)
        arguments = Unmanaged.passRetained(box).toOpaque()
        task = { arguments, work in
            guard let arguments, let work else { return }
            Unmanaged<Box>.fromOpaque(arguments)._withUnsafeGuaranteedRef { $0.body(Work(work.pointee)) }
        }
        destroy = { Unmanaged<Box>.fromOpaque($0).release() }
        owners = [owner]
        self.onTeam = onTeam
    }

    deinit { destroy(arguments) }

    func setPacked(_ packed: Tensor<UInt8>) {
        arguments.assumingMemoryBound(to: mg_buffers.self).pointee.packed = UnsafeRawPointer(packed.pointer)
        owners.append(packed)
        packedBytes = packed.bytes
    }

    func setTuning(_ tuning: CompiledTuning) {
        arguments.assumingMemoryBound(to: mg_buffers.self).pointee.tuning = tuning.pointer
        owners.append(tuning)
    }

    func setWorkspace(_ workspace: Tensor<UInt8>) {
        arguments.assumingMemoryBound(to: mg_buffers.self).pointee.workspace =
            UnsafeMutableRawPointer(workspace.pointer)
        owners.append(workspace)
        workspaceBytes = workspace.bytes
    }

    /// Calls the kernel once. Allocates nothing.
    @inline(__always)
    public func call(_ team: Team) {
        if onTeam { team.run(task, arguments, workerLimit: workerLimit) } else { callHere() }
    }

    /// Calls the kernel `times` times, one call after another. Allocates nothing.
    @inline(__always)
    public func call(_ team: Team, times: Int) {
        if onTeam {
            team.run(task, arguments, times: times, workerLimit: workerLimit)
        } else {
            for _ in 0..<times { callHere() }
        }
    }

    /// Calls the kernel once, as `call` does, where a tool that counts instructions finds it by name.
    public func callCounted(_ team: Team) { team.runCounted(task, arguments, workerLimit: workerLimit) }

    /// A call that does nothing: what is left is what the harness costs.
    public static func empty() -> Invocation {
        Invocation(
            arguments: mg_buffers(), task: mg_empty_task, owner: Nothing())
    }

    private final class Nothing {}

    /// Calls the kernel once on the calling thread, as the only worker.
    @inline(__always)
    func callHere() {
        var place = mg_work(index: 0, count: 1, barrier: nil)
        task(arguments, &place)
    }

    private final class Box {
        let body: (Work) -> Void
        init(_ body: @escaping (Work) -> Void) { self.body = body }
    }
}
