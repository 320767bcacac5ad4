public import Kernels
internal import Machine
public import Records

extension EntrantKind {
    init(_ kind: VariantKind) {
        self =
            switch kind {
            case .reference: .reference
            case .simd: .simd
            case .fused: .fused
            case .blas: .blas
            }
    }
}

extension InstructionSets {
    init(_ needs: CPUFeatures) { self.init(features: needs.names) }
}

extension CostRecord {
    /// The record of what a problem costs.
    ///
    /// - Parameter counting: how its family counts operations; see `KernelFamily.counting`.
    public init(_ cost: Cost, counting: String? = nil) {
        let arithmetic: Arithmetic =
            switch cost.arithmetic {
            case .f32: .f32
            case .bf16: .bf16
            case .int8: .int8
            }
        self.init(
            flops: cost.operations, bytes: cost.bytes, written: cost.written, counting: counting,
            arithmetic: arithmetic)
    }
}
