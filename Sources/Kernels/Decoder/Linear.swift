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
    private var packed: [String: Tensor<UInt8>] = [:]
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

    /// Room for the weights as `variant` wants them, to be filled by `queue`; nil if it reads them as they are stored.
    func room(
        for variant: CompiledVariant, arguments: UnsafeRawPointer, argumentBytes: Int, queue: PackingQueue
    ) -> Tensor<UInt8>? {
        guard let size = variant.entry.packed_bytes, let pack = variant.entry.pack else {
            readsSource = true
            return nil
        }
        if let there = packed[variant.name] { return there }
        let room = Tensor<UInt8>([size(arguments)])
        packed[variant.name] = room
        queue.add(pack, arguments: arguments, bytes: argumentBytes, into: room, cost: bytes.count)
        return room
    }

    /// Lets go of weights that were laid out in memory only to be packed.
    func releaseSource() {
        if !readsSource {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            owner = nil
        }
    }
}

/// Weights that wait to be packed: all at once, by all workers, the largest first.
final class PackingQueue {
    private struct Job {
        var pack: @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void
        var arguments: UnsafeMutableRawPointer
        var room: Tensor<UInt8>
        var cost: Int
    }

    private var jobs: [Job] = []

    func add(
        _ pack: @escaping @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?) -> Void,
        arguments: UnsafeRawPointer, bytes: Int, into room: Tensor<UInt8>, cost: Int
    ) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        copy.copyMemory(from: arguments, byteCount: bytes)
        jobs.append(Job(pack: pack, arguments: copy, room: room, cost: cost))
    }

    func run(on team: Team) {
        jobs.sort { $0.cost > $1.cost }
        let task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void = { context, work in
            guard let context, let work else { return }
            Unmanaged<PackingQueue>.fromOpaque(context)._withUnsafeGuaranteedRef { queue in
                for index in stride(from: Int(work.pointee.index), to: queue.jobs.count, by: Int(work.pointee.count)) {
                    let job = queue.jobs[index]
                    job.pack(job.arguments, job.room.pointer)
                }
            }
        }
        withExtendedLifetime(self) { team.run(task, Unmanaged.passUnretained(self).toOpaque()) }
        for job in jobs { job.arguments.deallocate() }
        jobs = []
    }
}
