internal import Kernels
internal import Machine
internal import Records

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
    init(_ cost: Cost) {
        let arithmetic: Arithmetic =
            switch cost.arithmetic {
            case .f32: .f32
            case .bf16: .bf16
            case .int8: .int8
            }
        self.init(flops: cost.operations, bytes: cost.bytes, arithmetic: arithmetic)
    }
}
