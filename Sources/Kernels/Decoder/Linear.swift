internal import CKernels
internal import CMachine
internal import Machine
public import Tensors

/// The weights of a linear layer, y = W·x + bias, as they are stored; packed once for each variant that computes it.
public final class Linear {
    /// How the weights are stored.
    public enum Storage: Hashable, Sendable {
        /// GGUF's blocks, `[outputs][inputs]`.
        case quantized(QuantizationFormat)
        /// `[outputs][inputs]`, or transposed: `[inputs][outputs]`, as GPT-2's.
        case f32(transposed: Bool)
        case bf16
    }

    public let name: String
    public let inputs: Int
    public let outputs: Int
    public let storage: Storage
    public let bias: Tensor<Float>?
    private(set) var bytes: UnsafeRawBufferPointer
    /// Keeps `bytes` alive: a mapped file, or a tensor that goes when all is packed.
    private var owner: AnyObject?
    private var packed: [String: PackedCopy] = [:]
    private var readsSource = false

    /// - Parameters:
    ///   - bytes: the weights, valid while `owner` lives.
    ///   - bias: one for each output.
    public init(
        _ name: String, inputs: Int, outputs: Int, storage: Storage, bias: Tensor<Float>? = nil,
        bytes: UnsafeRawBufferPointer, owner: AnyObject
    ) {
        let expected =
            switch storage {
            case .quantized(let format): outputs * format.bytes(columns: inputs)
            case .f32: outputs * inputs * 4
            case .bf16: outputs * inputs * 2
            }
        precondition(bytes.count == expected, "\(name): \(bytes.count) bytes are not \(outputs)×\(inputs) weights")
        precondition(bias.map { $0.count == outputs } ?? true, "\(name): one bias for each of \(outputs) outputs")
        self.name = name
        self.inputs = inputs
        self.outputs = outputs
        self.storage = storage
        self.bias = bias
        self.bytes = bytes
        self.owner = owner
    }

    /// Bytes of all packed copies.
    public var packedBytes: Int { packed.values.reduce(0) { $0 + $1.bytes } }

    /// Variants that there is a packed copy for.
    var packedFor: Set<String> { Set(packed.keys) }

    /// Has `field` point to the weights as `variant` wants them, once `queue` has packed them; it stays nil if the variant
    /// reads them as they are stored.
    func pack(
        for variant: CompiledVariant, arguments: UnsafeRawPointer, argumentBytes: Int,
        field: UnsafeMutablePointer<UnsafeRawPointer?>, queue: PackingQueue
    ) {
        guard let size = variant.entry.packed_bytes, let pack = variant.entry.pack else {
            readsSource = true
            return
        }
        if let there = packed[variant.name] {
            there.show(to: field)
            return
        }
        let copy = PackedCopy(bytes: size(arguments))
        copy.show(to: field)
        packed[variant.name] = copy
        queue.add(pack, arguments: arguments, bytes: argumentBytes, into: copy)
    }

    /// Lets go of weights that were laid out in memory only to be packed.
    func releaseSource() {
        if !readsSource {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            owner = nil
        }
    }
}

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
