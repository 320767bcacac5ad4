internal import Kernels

extension Suite {
    /// What decoding reads: the cache of one text and of several, in every format, in one piece and in blocks.
    static let cachedAttention = Suite(
        "cached_attention", "generated tokens look back: one text and several, f32, bf16 and q8, in blocks",
        [
            workload("smollm2-135m, one text", rows: 1, keys: 512, quick: true),
            workload("smollm2-135m, one text, in one piece", rows: 1, keys: 512, block: 512),
            workload("smollm2-135m, one long text", rows: 1, keys: 4096),
            workload("smollm2-135m, one text", rows: 1, keys: 512, format: .bf16),
            workload("smollm2-135m, one text", rows: 1, keys: 512, format: .q8),
            workload("smollm2-135m, eight texts", rows: 8, keys: 256, quick: true),
            Workload(
                "gpt2-124m, one text", CachedAttention.self,
                CachedAttention.Problem(rows: 1, heads: 12, kvHeads: 12, keys: 1024, dim: 64, rotary: false)),
        ])

    private static func workload(
        _ name: String, rows: Int, keys: Int, block: Int = 16, format: CacheFormat = .f32, quick: Bool = false
    ) -> Workload {
        Workload(
            name, CachedAttention.self,
            CachedAttention.Problem(
                rows: rows, heads: 9, kvHeads: 3, keys: keys, dim: 64, block: block, format: format), quick: quick)
    }
}
