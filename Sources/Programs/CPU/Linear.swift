internal import CKernels
internal import CMachine
internal import Kernels
internal import Machine
public import Tensors

/// The weights of a linear layer, y = W·x + bias, as they are stored; packed once for each variant that computes it.
public final class Linear {
    /// How the weights are stored.
    public enum Storage: Hashable, Sendable, Codable {
        /// GGUF's blocks, `[outputs][inputs]`.
        case quantized(QuantizationFormat)
        /// `[outputs][inputs]`, or transposed: `[inputs][outputs]`, as GPT-2's.
        case f32(transposed: Bool)
        case bf16

        /// As a product reads weights that a file has in this format: f16 and transposed bf16 are widened.
        public init(_ format: ElementFormat, transposed: Bool) {
            switch format {
            case .quantized(let format): self = .quantized(format)
            case .bf16 where !transposed: self = .bf16
            default: self = .f32(transposed: transposed)
            }
        }
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
    public func releaseSource() {
        if !readsSource {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            owner = nil
        }
    }
}
