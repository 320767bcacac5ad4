internal import CKernels
internal import CMachine
internal import Machine
internal import Tensors

/// A packed copy of one layer's weights, and the argument structs that point to it.
final class PackedCopy {
    let bytes: Int
    private var memory: (pointer: UnsafeMutablePointer<UInt8>, owner: Tensor<UInt8>)?
    private var fields: [UnsafeMutablePointer<UnsafeRawPointer?>] = []

    init(bytes: Int) { self.bytes = bytes }

    func show(to field: UnsafeMutablePointer<UnsafeRawPointer?>) {
        if let memory { field.pointee = UnsafeRawPointer(memory.pointer) } else { fields.append(field) }
    }

    /// Where the copy lies from now on.
    func settle(at offset: Int, in owner: Tensor<UInt8>) {
        let pointer = owner.pointer + offset
        memory = (pointer, owner)
        for field in fields { field.pointee = UnsafeRawPointer(pointer) }
        fields = []
    }

    var pointer: UnsafeMutablePointer<UInt8>? { memory?.pointer }
}

/// Weights that wait to be packed: all at once, by all workers, the largest first.
///
/// They come to lie in one piece of memory, in the order in which they are called, so that the system can put large pages
/// under all of it: a token reads every one of them.
final class PackingQueue {
    private struct Job {
        var pack: @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void
        var arguments: UnsafeMutableRawPointer
        var copy: PackedCopy
    }

    private var jobs: [Job] = []

    func add(
        _ pack: @escaping @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void,
        arguments: UnsafeRawPointer, bytes: Int, into copy: PackedCopy
    ) {
        let own = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        own.copyMemory(from: arguments, byteCount: bytes)
        jobs.append(Job(pack: pack, arguments: own, copy: copy))
    }

    func run(on team: Team) {
        guard !jobs.isEmpty else { return }
        var offsets: [Int] = []
        var total = 0
        for job in jobs {
            offsets.append(total)
            total += (job.copy.bytes + 63) / 64 * 64
        }
        let memory = Tensor<UInt8>([total])
        for (job, offset) in zip(jobs, offsets) { job.copy.settle(at: offset, in: memory) }
        jobs.sort { $0.copy.bytes > $1.copy.bytes }
        let task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void = { context, work in
            guard let context, let work else { return }
            Unmanaged<PackingQueue>.fromOpaque(context)._withUnsafeGuaranteedRef { queue in
                for index in stride(from: Int(work.pointee.index), to: queue.jobs.count, by: Int(work.pointee.count)) {
                    queue.jobs[index].pack(queue.jobs[index].arguments, queue.jobs[index].copy.pointer)
                }
            }
        }
        withExtendedLifetime(self) { team.run(task, Unmanaged.passUnretained(self).toOpaque()) }
        for job in jobs { job.arguments.deallocate() }
        jobs = []
    }
}
