package import CKernels
internal import Glibc
public import Tensors

/// Attention of generated tokens to the keys and values that their texts have kept: what decoding does at every layer.
///
///     O[r][h] = softmax(scale·R(Q[r][h])·K[g]ᵀ)·V[g],  scale = 1/√dim,  g = h / (heads / kvHeads)
///
/// Shapes: Q, O `(rows, heads, dim)`; the row's own key and value `(rows, kvHeads, dim)`. A row is a token of a text of
/// its own, which sees that text's slots up to its own; K and V are read where they are kept, in f32, bf16 or 8 bits, in
/// blocks of slots that a table finds (Kwon et al. 2023, "PagedAttention"). R turns queries and the row's own key by
/// their position (Su et al. 2021, "RoFormer"); a row that `stores` puts its key and value into the cache on the way.
///
/// The cost counts pairs of a query and a key: 4·dim operations each. Every key and value is read once for all query
/// heads that share it, so that memory decides. `direct__*` splits the keys of a row into chunks, so that few rows keep
/// all workers busy, and merges the chunks in their order (Dao et al. 2023, "Flash-Decoding").
public enum CachedAttention: KernelFamily {
    public struct Problem: KernelProblem {
        /// Tokens, each of a text of its own.
        public var rows: Int
        public var heads: Int
        public var kvHeads: Int
        /// That the first row sees; the others see fewer.
        public var keys: Int
        public var dim: Int
        /// Slots of a block.
        public var block: Int
        public var format: CacheFormat
        public var rotary: Bool
        /// Whether the rows' own keys and values are yet to be kept.
        public var stores: Bool

        public init(
            rows: Int, heads: Int, kvHeads: Int, keys: Int, dim: Int, block: Int = 16, format: CacheFormat = .f32,
            rotary: Bool = true, stores: Bool = false
        ) {
            precondition(
                kvHeads > 0 && heads % kvHeads == 0, "\(heads) query heads cannot share \(kvHeads) heads of keys evenly"
            )
            precondition(keys >= 1 && block >= 1, "a row sees at least itself, in blocks of at least a slot")
            self.rows = rows
            self.heads = heads
            self.kvHeads = kvHeads
            self.keys = keys
            self.dim = dim
            self.block = block
            self.format = format
            self.rotary = rotary
            self.stores = stores
        }

        var scale: Float { 1 / Float(max(dim, 1)).squareRoot() }
        var blocksPerText: Int { (keys + block - 1) / block }
        /// The slot of a row: texts are of different lengths.
        func slot(_ row: Int) -> Int { max(0, keys - 1 - 7 * row) }
        /// The first slot that a row sees: some texts have a window.
        func first(_ row: Int) -> Int { row % 2 == 0 ? 0 : min(2, slot(row)) }
        func seen(_ row: Int) -> Int { slot(row) + 1 - first(row) }

        public var description: String {
            let shared = kvHeads == heads ? "H\(heads)" : "H\(heads)/\(kvHeads)"
            return "\(rows)× \(shared) S\(keys) D\(dim) blocks of \(block)"
                + (rotary ? " rotary" : "") + (stores ? " storing" : "") + " \(format.rawValue)"
        }

        public var axes: [String: Int] {
            ["rows": rows, "heads": heads, "kv_heads": kvHeads, "keys": keys, "dim": dim, "block": block]
        }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "rows", "batch": rows = value
            case "keys" where value >= 1, "seq" where value >= 1: keys = value
            case "dim": dim = value
            case "block" where value >= 1: block = value
            case "heads" where value % (heads / kvHeads) == 0: (heads, kvHeads) = (value, value / (heads / kvHeads))
            default: return false
            }
            return true
        }
    }

    public static let name = "cached_attention"
    public static let summary =
        "O = softmax(Q·Kᵀ/√dim)·V of generated tokens, K and V as they are kept: f32, bf16, q8, in blocks of slots"

    public static let variants: [Variant<CachedAttention>] =
        Variant.compiled(mg_cached_attention_family, arguments: arguments) + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let counting: String? = "products alone: the exponentials are not counted"

    public static func cost(of problem: Problem) -> Cost {
        let seen = Double((0..<problem.rows).reduce(0) { $0 + problem.seen($1) })
        let values = Double(problem.rows * problem.heads * problem.dim)
        return Cost(
            operations: 4 * Double(problem.heads * problem.dim) * seen,
            bytes: 8 * values + 2 * Double(problem.kvHeads * problem.format.rowBytes(dim: problem.dim)) * seen,
            written: 4 * values)
    }

    /// A score errs by e = (2√d + 12)·u·S, S = max scale·‖q‖·‖k‖ over the keys that are seen, and by 3u·S for each of the
    /// two that turn. A key that is stored on the way is rounded after it was turned, and a last bit before that may tip a
    /// value over to the next step: scale·‖q‖·√d·step. Each weight then errs by a factor within exp(±2e), and the output,
    /// a mean of values with these weights, by no more than (exp(2e) − 1)·max|V|; the exponential, the sums of n terms and
    /// the division add (16 + 2√n)·u·max|V|, and a value that tips over its step.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let (dim, root) = (problem.dim, Double(problem.dim).squareRoot())
        let growth = (2 * root + 18) * u
        var bounds = [Float](repeating: 0, count: reference.count)
        for row in 0..<problem.rows {
            for kv in 0..<problem.kvHeads {
                var longest = 0.0
                var largest = [Double](repeating: 0, count: dim)
                for slot in problem.first(row)...problem.slot(row) {
                    let length = norm(operands.key(row, kv, slot))
                    if length.isFinite { longest = max(longest, length) }
                    for (column, value) in operands.value(row, kv, slot).enumerated() where value.isFinite {
                        largest[column] = max(largest[column], Double(abs(value)))
                    }
                }
                let stored = problem.stores
                let keyStep = stored ? Double(problem.format.step(operands.ownKey(row, kv))) : 0
                let valueStep = stored ? Double(problem.format.step(operands.ownValue(row, kv))) : 0
                for head in kv * problem.heads / problem.kvHeads..<(kv + 1) * problem.heads / problem.kvHeads {
                    let length = norm(operands.query(row, head))
                    let known = length.isFinite && keyStep.isFinite
                    let e = known ? Double(problem.scale) * length * (growth * longest + root * keyStep) : 2
                    let rounding = (16 + 2 * Double(problem.seen(row)).squareRoot()) * u
                    let share = min(2, expm1(min(2 * e, 2)) + rounding)
                    let base = (row * problem.heads + head) * dim
                    for column in 0..<dim {
                        bounds[base + column] = Float(
                            share * largest[column] + (valueStep.isFinite ? valueStep : 0) + 0x1p-124)
                    }
                }
            }
        }
        return ErrorBound(
            argument: "(exp(2·((2√d + 18)·u·max‖k‖ + √d·step)·scale·‖q‖) − 1 + (16 + 2√n)·u)·max|V| + step",
            values: bounds)
    }

    private static func norm(_ row: [Float]) -> Double {
        row.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// One row and several, groups of every kind and one wider than a slab, keys beside the edges of tiles, chunks and
    /// blocks, dims that fill no vector, and every way to keep them.
    public static let edgeCases: [Problem] = {
        let shapes: [(rows: Int, heads: Int, kvHeads: Int, keys: Int, dim: Int, block: Int)] = [
            (0, 1, 1, 1, 8, 16), (1, 1, 1, 1, 2, 1), (1, 3, 1, 7, 16, 16), (2, 9, 3, 31, 64, 16), (1, 2, 2, 33, 40, 8),
            (3, 4, 2, 65, 33, 5), (1, 9, 3, 257, 64, 300), (8, 9, 3, 64, 64, 16), (1, 16, 2, 129, 48, 64),
            (5, 6, 1, 300, 65, 7), (1, 3, 3, 530, 24, 16), (2, 2, 1, 1030, 80, 32), (4, 2, 2, 17, 128, 16),
        ]
        return shapes.enumerated().flatMap { index, shape in
            CacheFormat.allCases.flatMap { format in
                [false, true].map { stores in
                    Problem(
                        rows: shape.rows, heads: shape.heads, kvHeads: shape.kvHeads, keys: shape.keys, dim: shape.dim,
                        block: shape.block, format: format, rotary: index % 3 != 2, stores: stores)
                }
            }
        }
    }()

    public static let plugin: PluginFiles? = PluginFiles(mg_cached_attention_family())

    /// None for rows that store: another process may not write what is an input here.
    public static func layout(of problem: Problem) -> ArgumentLayout {
        guard !problem.stores else { return .none }
        return ArgumentLayout(
            arguments(problem, nil),
            inputs: [
                "q": \.q, "k": \.k, "v": \.v, "rows": \.row, "tables": \.tables, "keys": \.cache.k, "values": \.cache.v,
                "cosines": \.rotary.cosines, "sines": \.rotary.sines,
            ], outputs: [("o", \.o)], optional: ["cosines": problem.rotary, "sines": problem.rotary])
    }

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_cached_attention {
        let (rows, heads, kv) = (Int64(problem.rows), Int64(problem.heads), Int64(problem.kvHeads))
        let dim = Int64(problem.dim)
        return mg_cached_attention(
            buffers: mg_buffers(), rows: rows, heads: heads,
            cache: mg_cache(
                format: problem.format.compiled, kv_heads: kv, dim: dim,
                slots: rows * Int64(problem.blocksPerText * problem.block), block: Int64(problem.block),
                k: operands?.keys.pointer, v: operands?.values.pointer),
            keys: Int64(problem.keys),
            rotary: mg_rotary(
                cosines: operands?.angles.map { UnsafePointer($0.cosines.pointer) },
                sines: operands?.angles.map { UnsafePointer($0.sines.pointer) },
                rotated: Int64(problem.rotary ? problem.dim / 2 * 2 : 0), halves: 1),
            scale: problem.scale, stores: problem.stores ? 1 : 0, stage: MG_STAGE_ALL,
            row: operands.map { UnsafeRawPointer($0.places.pointer).assumingMemoryBound(to: mg_row.self) },
            tables: operands.map { UnsafePointer($0.tables.pointer) },
            q: operands.map { UnsafePointer($0.q.pointer) }, k: operands.map { UnsafePointer($0.k.pointer) },
            v: operands.map { UnsafePointer($0.v.pointer) }, q_stride: heads * dim, k_stride: kv * dim,
            v_stride: kv * dim, o: operands?.out.pointer)
    }
}
