internal import Kernels

extension Suite {
    /// Rows of scores: of one small head, of prefill, of sampling over a vocabulary.
    static let softmax = Suite(
        "softmax", "softmax over rows: scores of attention, and logits of a vocabulary",
        [
            Workload("one small head", Softmax.self, Softmax.Problem(rows: 64, columns: 64)),
            Workload("wide batch", Softmax.self, Softmax.Problem(rows: 4096, columns: 1024), quick: true),
            Workload("in the second cache", Softmax.self, Softmax.Problem(rows: 1024, columns: 128)),
            Workload(
                "gpt2-124m scores, prefill", Softmax.self,
                Softmax.Problem(rows: 12 * 256, columns: 256, queries: 256, scale: 0.125), quick: true),
            Workload("gpt2-124m logits, T=8", Softmax.self, Softmax.Problem(rows: 8, columns: 50257)),
        ])
}
