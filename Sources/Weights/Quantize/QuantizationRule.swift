/// Which type each tensor of a model gets.
///
/// Matrices named `.weight` are quantized. As llama.cpp does, these are not:
///
/// - vectors (norms, biases), and the small tables `position_embd` and `token_types`: f32;
/// - the matrix that makes the logits (`output`, or `token_embd` where the model has no `output` of its own): q8_0, for
///   its error goes into the result unweighted;
/// - rows that are not whole blocks: q4_1 instead of q4_k where 32 divides the row, else f16.
///
/// Tensors of whole numbers stay as they are.
public struct QuantizationRule: Sendable {
    /// The types that a model can be written in.
    public static let targets: [GGUFType] = [.q8_0, .q4_0, .q4_1, .q4_k, .f16, .f32]

    public let target: GGUFType
    /// Whether the matrix of the logits gets the type, too.
    public let includesOutput: Bool

    /// - Precondition: `target` is one of `targets`.
    public init(_ target: GGUFType, includesOutput: Bool = false) {
        precondition(Self.targets.contains(target), "\(target) cannot be written")
        self.target = target
        self.includesOutput = includesOutput || target.blockSize == 1
    }

    /// The number by which llama.cpp names a file of this kind (`general.file_type`).
    var fileType: Int {
        switch target {
        case .f32: 0
        case .f16: 1
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 7
        default: 14  // "mostly q4_k, small"
        }
    }

    /// The type of a tensor.
    ///
    /// - Parameter isTied: whether the model has no `output.weight`.
    public func type(of tensor: SourceTensor, isTied: Bool) -> GGUFType {
        let integers: Set<String> = ["I8", "I16", "I32", "I64"]
        guard !integers.contains(tensor.type.name) else { return tensor.type }
        let isMatrix = tensor.dimensions.count > 1 && tensor.rows > 1 && tensor.name.hasSuffix(".weight")
        let isTable = tensor.name == "position_embd.weight" || tensor.name == "token_types.weight"
        guard isMatrix, !isTable else { return .f32 }
        let makesLogits = tensor.name == "output.weight" || isTied && tensor.name == "token_embd.weight"
        let wanted = makesLogits && !includesOutput ? .q8_0 : target
        let fallback: GGUFType = wanted == .q4_k ? .q4_1 : .f16
        return [wanted, fallback].first { tensor.columns.isMultiple(of: $0.blockSize) } ?? .f16
    }
}
