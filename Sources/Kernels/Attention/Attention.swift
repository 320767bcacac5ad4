package import CKernels
internal import Glibc
public import Tensors

/// Scaled dot-product attention.
///
///     O[h] = softmax(scale·Q[h]·K[g]ᵀ + mask)·V[g],  scale = 1/√dim,  g = h / (heads / kvHeads)      (Vaswani et al. 2017)
///
/// Shapes: Q, O `(heads, queries, dim)`; K, V `(kvHeads, keys, dim)`. As many heads for keys as for queries is MHA, one is
/// MQA, between is GQA (Ainslie et al. 2023): a group of query heads shares one K and V. Causal: query i sees the keys
/// j ≤ i + keys − queries, so that one query against a long cache is the decoding of a model; a query that sees nothing
/// gives zeros.
///
/// The cost counts visible pairs: 4·dim operations each. The plain way (`openblas`) computes all pairs and keeps them in a
/// buffer of queries × keys; `flash__*` goes by tiles with an online softmax (Dao et al. 2022; Milakov and Gimelshein
/// 2018) and skips what the mask hides; `decode__*` is for few queries, where reading K and V once decides.
public enum Attention: KernelFamily {
    public struct Problem: KernelProblem {
        public var heads: Int
        public var kvHeads: Int
        public var queries: Int
        public var keys: Int
        public var dim: Int
        public var causal: Bool
        /// Of Q, K and V; O is f32.
        public var format: NumberFormat

        public init(
            heads: Int, kvHeads: Int, queries: Int, keys: Int, dim: Int, causal: Bool, format: NumberFormat = .f32
        ) {
            precondition(
                kvHeads > 0 && heads % kvHeads == 0, "\(heads) query heads cannot share \(kvHeads) heads of keys evenly"
            )
            self.heads = heads
            self.kvHeads = kvHeads
            self.queries = queries
            self.keys = keys
            self.dim = dim
            self.causal = causal
            self.format = format
        }

        /// Records from before there was a choice have no format: f32.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            self.init(
                heads: try values.decode(Int.self, forKey: .heads),
                kvHeads: try values.decode(Int.self, forKey: .kvHeads),
                queries: try values.decode(Int.self, forKey: .queries),
                keys: try values.decode(Int.self, forKey: .keys),
                dim: try values.decode(Int.self, forKey: .dim), causal: try values.decode(Bool.self, forKey: .causal),
                format: try values.decodeIfPresent(NumberFormat.self, forKey: .format) ?? .f32)
        }

        public var scale: Float { 1 / Float(max(dim, 1)).squareRoot() }

        /// Query heads that share a head of keys and values.
        var group: Int { heads / kvHeads }

        /// How many keys, the first ones, query `query` sees.
        func visible(_ query: Int) -> Int { causal ? min(keys, max(0, query + keys - queries + 1)) : keys }

        /// Pairs of a query and a key that it sees, in one head.
        var visiblePairs: Int { (0..<queries).reduce(0) { $0 + visible($1) } }

        public var description: String {
            let shared = kvHeads == heads ? "H\(heads)" : "H\(heads)/\(kvHeads)"
            let length = queries == keys ? "T\(queries)" : "T\(queries) S\(keys)"
            return "\(shared) \(length) D\(dim) \(causal ? "causal" : "full") \(format.rawValue)"
        }

        public var axes: [String: Int] {
            ["heads": heads, "kv_heads": kvHeads, "queries": queries, "keys": keys, "dim": dim]
        }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "seq":
                // The length that grows: of a decode it is the cache.
                if queries == keys { queries = value }
                keys = value
            case "queries", "tokens": queries = value
            case "keys": keys = value
            case "dim": dim = value
            case "heads":
                guard value % group == 0 else { return false }
                (heads, kvHeads) = (value, value / group)
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let q: Matrix
        public let k: Matrix
        public let v: Matrix
        public let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            let cache = [problem.kvHeads, problem.keys, problem.dim]
            let stored = { (tensor: Tensor<Float>) in
                Matrix(tensor, as: problem.format, placement: filling.placement)
            }
            q = stored(filling.tensor([problem.heads, problem.queries, problem.dim], operand: 0))
            k = stored(filling.tensor(cache, operand: 1))
            // 0·∞ is NaN, and whether a tiny weight is 0 depends on the rounding: so V holds no infinities.
            var values = filling
            if values.pattern == .infinity { values.pattern = .ordinary }
            v = stored(values.tensor(cache, operand: 2))
            out = Tensor([problem.heads, problem.queries, problem.dim], placement: filling.placement)
        }

        public var inputs: [KernelInput] { [KernelInput("q", q), KernelInput("k", k), KernelInput("v", v)] }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int { q.bytes + k.bytes + v.bytes + out.bytes }
    }

    public static let name = "attention"
    public static let summary =
        "O = softmax(Q·Kᵀ/√dim + mask)·V, f32 or bf16; MHA, GQA, MQA; causal, full, cross; prefill and decode"

    public static let variants: [Variant<Attention>] =
        Variant.compiled(
            mg_attention_family, bound: { $0.hasSuffix("__avx512bf16") ? boundOfRoundedWeights : nil },
            arguments: arguments) + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let counting: String? = "products alone: the exponentials are not counted"

    public static func cost(of problem: Problem) -> Cost {
        let pairs = Double(problem.heads) * Double(problem.visiblePairs)
        let queries = Double(problem.heads * problem.queries)
        let keys = Double(problem.kvHeads * problem.keys)
        return Cost(
            operations: 4 * Double(problem.dim) * pairs,
            bytes: Double(problem.dim) * (4 * queries + Double(problem.format.bytes) * (queries + 2 * keys)),
            written: 4 * Double(problem.dim) * queries,
            arithmetic: problem.format == .f32 ? .f32 : .bf16)
    }

    /// A score errs by e = (2√d + 12)·u·S, S = max scale·‖q‖·‖k‖ over the visible keys: the sum of d products, the scale
    /// and the change to base 2. Each weight then errs by a factor within exp(±2e), and the output, a mean of values with
    /// these weights, by no more than (exp(2e) − 1)·max|V|; the exponential, the sums of n terms and the division add
    /// (16 + 2√n)·u·max|V|. No output leaves the range of the values: 2·max|V| is the most that anything can err.
    /// The products of bf16 numbers are exact in f32, so the same holds for both formats.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        bound(of: problem, operands: operands, weights: 0)
    }

    /// What a variant may err that rounds the weights to bf16 for their product with V: see `boundOfRoundedWeights`.
    static func boundOfRoundedWeights(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        bound(of: problem, operands: operands, weights: roundedWeights)
    }

    /// The weights are rounded to the 8 bits of bf16, a relative error of 2⁻⁹ each, while their sum is not: the mean
    /// moves by at most 2⁻⁹·max|V|. The exponential of 3rd degree errs by a factor within 1 ± 2⁻¹³ on both sides of the
    /// division, 2⁻¹²·max|V|. The product instruction takes subnormal numbers for zero: values, and weights, below 2⁻¹²⁶.
    private static let roundedWeights = 0x1p-9 + 0x1p-12

    /// A library rounds weights and outputs to bf16 where the operands are.
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        guard problem.format == .bf16 else { return bound(of: problem, operands: operands, reference: reference) }
        return boundOfRoundedWeights(of: problem, operands: operands, reference: reference)
            .roundingOutputs(of: reference)
    }

    private static func bound(of problem: Problem, operands: Operands, weights: Double) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let (queries, keys, dim) = (problem.queries, problem.keys, problem.dim)
        let growth = (2 * Double(dim).squareRoot() + 12) * u
        // Subnormal products of a score, lost or not: dim·2⁻¹²⁶ of the larger factor's magnitude is below every bound.
        let least = problem.format == .f32 ? 0x1p-126 : 0x1p-125
        var bounds = [Float](repeating: 0, count: problem.heads * queries * dim)
        for head in 0..<problem.heads {
            let cache = head / problem.group * keys * dim
            var seen = 0
            var longestKey = 0.0
            var largest = [Double](repeating: 0, count: dim)
            for query in 0..<queries {
                // What a query sees grows with its number: so do the largest key and value.
                while seen < problem.visible(query) {
                    let row = cache + seen * dim
                    let length = norm(operands.k, row, dim)
                    if length.isFinite { longestKey = max(longestKey, length) }
                    for (column, value) in operands.v.values(from: row, stride: 1, count: dim).enumerated()
                    where value.isFinite {
                        largest[column] = max(largest[column], abs(value))
                    }
                    seen += 1
                }
                let base = (head * queries + query) * dim
                let length = norm(operands.q, base, dim)
                let score = length.isFinite ? Double(problem.scale) * length * longestKey : 0
                let share = min(
                    2, expm1(min(2 * growth * score, 2)) + weights + (16 + 2 * Double(seen).squareRoot()) * u)
                for column in 0..<dim { bounds[base + column] = Float(share * largest[column] + least) }
            }
        }
        let rounded = weights == 0 ? "" : " + 2⁻⁹ + 2⁻¹²"
        return ErrorBound(
            argument: "(exp(2·(2√d + 12)·u·max scale·‖q‖·‖k‖) − 1 + (16 + 2√n)·u\(rounded))·max|V|, at most 2·max|V|",
            values: bounds)
    }

    private static func norm(_ matrix: Matrix, _ start: Int, _ count: Int) -> Double {
        matrix.values(from: start, stride: 1, count: count).reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// Sizes 0, 1 and 7, one beside the tiles of queries and keys, chunks of 256 to 1024 keys and what is left of them,
    /// more queries than keys, diagonals through the middle of a pair, dims that fill no vector or pair, and groups of
    /// every kind.
    public static let edgeCases: [Problem] = {
        let shapes: [(heads: Int, kvHeads: Int, queries: Int, keys: Int, dim: Int)] = [
            (1, 1, 0, 7, 8), (1, 1, 7, 0, 8), (2, 1, 1, 1, 1), (1, 1, 7, 7, 7), (3, 1, 1, 65, 16), (2, 2, 5, 3, 16),
            (4, 2, 15, 17, 40), (1, 1, 31, 33, 64), (2, 1, 33, 31, 65), (1, 1, 63, 65, 64), (6, 3, 1, 257, 64),
            (9, 3, 8, 129, 32), (2, 2, 1, 511, 80), (1, 1, 65, 129, 128), (2, 1, 9, 66, 33), (1, 1, 127, 127, 16),
            (3, 1, 49, 258, 33), (2, 2, 47, 302, 24), (3, 1, 2, 513, 47), (12, 12, 1, 700, 24), (16, 16, 2, 1030, 9),
        ]
        return shapes.flatMap { shape in
            [true, false].flatMap { causal in
                NumberFormat.allCases.map { format in
                    Problem(
                        heads: shape.heads, kvHeads: shape.kvHeads, queries: shape.queries, keys: shape.keys,
                        dim: shape.dim, causal: causal, format: format)
                }
            }
        }
    }()

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_attention {
        mg_attention(
            buffers: mg_buffers(), heads: Int64(problem.heads),
            kv_heads: Int64(problem.kvHeads), queries: Int64(problem.queries), keys: Int64(problem.keys),
            dim: Int64(problem.dim), causal: problem.causal ? 1 : 0, scale: problem.scale,
            dtype: problem.format == .f32 ? MG_F32 : MG_BF16, q: operands?.q.address, k: operands?.k.address,
            v: operands?.v.address, o: operands?.out.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_attention_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["q": \.q, "k": \.k, "v": \.v], outputs: [("o", \.o)])
    }
}
