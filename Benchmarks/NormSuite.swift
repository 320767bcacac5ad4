internal import Kernels

extension Suite {
    /// The normalisations of real models, alone and fused with the residual addition.
    static let norm = Suite(
        "norm", "LayerNorm and RMSNorm, alone and with the residual addition",
        [
            Workload("gpt2-124m, decode", Norm.self, Norm.Problem(.layerNorm, rows: 1, columns: 768)),
            Workload("gpt2-124m, prefill", Norm.self, Norm.Problem(.layerNorm, rows: 1024, columns: 768), quick: true),
            Workload(
                "gpt2-124m, prefill", Norm.self, Norm.Problem(.layerNorm, rows: 1024, columns: 768, residual: true),
                quick: true),
            Workload(
                "smollm2-135m, prefill", Norm.self, Norm.Problem(.rmsNorm, rows: 512, columns: 576, residual: true)),
            Workload("llama3-8b, prefill", Norm.self, Norm.Problem(.rmsNorm, rows: 512, columns: 4096)),
            Workload(
                "llama3-8b, prefill", Norm.self, Norm.Problem(.rmsNorm, rows: 512, columns: 4096, residual: true)),
        ])
}
