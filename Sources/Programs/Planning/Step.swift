public import Kernels
internal import Tensors

/// Where a value lies in a plan's buffers.
public struct Location: Sendable, Hashable, Codable {
    /// By its place among the plan's buffers.
    public var buffer: Int
    /// Elements before the first row's first.
    public var offset = 0
    /// Elements from row to row.
    public var stride: Int
}

/// A call of an executable, and cheap ones that every worker makes for itself before its part of it.
public struct Step: Sendable, Hashable, Codable {
    /// What it leaves: `blk.0.attn_norm`.
    public var name: String
    public var work: Work
    /// The operations of the graph that it computes, by their places.
    public var operations: [Int]
    /// The variant that computes it; nil where there is no choice.
    public var variant: String?
    /// Scratch for the time of the call.
    public var workspace: Int?
    public var before: [Step] = []

    init(_ name: String, _ work: Work, operations: [Int]) {
        self.name = name
        self.work = work
        self.operations = operations
    }

    public enum Work: Sendable, Hashable, Codable {
        case embed(EmbedStep)
        case norm(NormStep)
        case linear(LinearStep)
        case round(RoundStep)
        case splitHeads(SplitHeadsStep)
        case promptAttention(PromptAttentionStep)
        case joinHeads(JoinHeadsStep)
        case cachedAttention(CachedAttentionStep)
        case activation(ActivationStep)
        case gate(GateStep)
        case gather(GatherStep)
    }
}

/// Which rows a step computes.
public enum RowSet: String, Sendable, Hashable, Codable { case all, drawn }

/// out = table rows of the tokens, with what is added by position. On the calling thread, before the other steps.
public struct EmbedStep: Sendable, Hashable, Codable {
    public var table: String
    /// Rows by position, and the table of token types.
    public var positions: [String]
    public var width: Int
    public var out: Location
}

/// out = norm(x), or with `adding`: sum = x + adding, out = norm(sum).
public struct NormStep: Sendable, Hashable, Codable {
    public var kind: Norm.Kind
    public var epsilon: Float
    public var columns: Int
    public var x: Location
    public var adding: Location?
    public var sum: Location?
    public var gain: String
    public var shift: String?
    public var out: Location
}

/// c = activation(a·Wᵀ + bias), W the weights one under another.
public struct LinearStep: Sendable, Hashable, Codable {
    public var weights: [String]
    /// As many as weights, or none.
    public var biases: [String]
    public var inputs: Int
    public var outputs: Int
    public var storage: Linear.Storage
    public var activation: Activation
    public var rows: RowSet
    public var a: Location
    public var c: Location
}

/// out = x in bf16.
public struct RoundStep: Sendable, Hashable, Codable {
    public var columns: Int
    public var rows: RowSet
    public var x: Location
    public var out: Location
}

/// Of prompt rows: keys and values into the cache, queries by heads; queries and keys turned.
public struct SplitHeadsStep: Sendable, Hashable, Codable {
    public var options: AttentionOptions
    public var rotary: Rotary?
    public var q, k, v: Location
    public var queries: Location
}

/// o = attention of prompt rows, by heads.
public struct PromptAttentionStep: Sendable, Hashable, Codable {
    public var options: AttentionOptions
    public var queries: Location
    public var o: Location
}

/// Prompt rows from heads to rows.
public struct JoinHeadsStep: Sendable, Hashable, Codable {
    public var heads: HeadLayout
    public var from: Location
    public var to: Location
}

/// o = attention of generated rows, or one of its halves, or before it their keys and values into the cache.
public struct CachedAttentionStep: Sendable, Hashable, Codable {
    public enum Stage: String, Sendable, Hashable, Codable { case store, all, attend, merge }

    public var options: AttentionOptions
    public var rotary: Rotary?
    public var stage: Stage
    public var stores: Bool
    public var q, k, v: Location
    /// What `attend` leaves for `merge`, and scratch of the workers.
    public var partials: Location
    public var o: Location
}

/// out = act(x), value by value.
public struct ActivationStep: Sendable, Hashable, Codable {
    public var function: Elementwise.Function
    public var columns: Int
    public var x: Location
    public var out: Location
}

/// out = silu(gate) ∘ up.
public struct GateStep: Sendable, Hashable, Codable {
    public var columns: Int
    public var gate, up: Location
    public var out: Location
}

/// out = the rows of x that are drawn.
public struct GatherStep: Sendable, Hashable, Codable {
    public var columns: Int
    public var x: Location
    public var out: Location
}

extension Step {
    /// What the step reads and writes, the steps before it included.
    var locations: (reads: [Location], writes: [Location]) {
        var (reads, writes) = work.locations
        for step in before {
            let inner = step.locations
            reads += inner.reads
            writes += inner.writes
        }
        return (reads, writes)
    }

    /// What kind of step it is, for a profile: `norm + linear 576→960`.
    public var kind: String { (before.map(\.work.kind) + [work.kind]).joined(separator: " + ") }
}

extension Step.Work {
    /// What it reads and writes.
    var locations: (reads: [Location], writes: [Location]) {
        switch self {
        case .embed(let step): ([], [step.out])
        case .norm(let step): ([step.x] + [step.adding].compactMap { $0 }, [step.sum].compactMap { $0 } + [step.out])
        case .linear(let step): ([step.a], [step.c])
        case .round(let step): ([step.x], [step.out])
        case .splitHeads(let step): ([step.q, step.k, step.v], [step.queries])
        case .promptAttention(let step): ([step.queries], [step.o])
        case .joinHeads(let step): ([step.from], [step.to])
        case .cachedAttention(let step):
            switch step.stage {
            case .store: ([step.k, step.v], [])
            case .all: ([step.q, step.k, step.v], [step.partials, step.o])
            case .attend: ([step.q, step.k, step.v], [step.partials])
            case .merge: ([step.partials], [step.o])
            }
        case .activation(let step): ([step.x], [step.out])
        case .gate(let step): ([step.gate, step.up], [step.out])
        case .gather(let step): ([step.x], [step.out])
        }
    }

    /// Whether it costs less than to wait for the others.
    var isCheap: Bool {
        switch self {
        case .norm, .gate, .round: true
        case .cachedAttention(let step): step.stage == .merge
        default: false
        }
    }

    var kind: String {
        switch self {
        case .embed: "embed"
        case .norm: "norm"
        case .linear(let step): "linear \(step.inputs)→\(step.outputs)"
        case .round: "rounding"
        case .splitHeads, .joinHeads: "heads"
        case .promptAttention: "attention"
        case .cachedAttention(let step):
            switch step.stage {
            case .store: "heads"
            case .merge: "merge"
            case .all, .attend: "attention"
            }
        case .activation: "activation"
        case .gate: "gate"
        case .gather: "rows"
        }
    }
}

extension LinearStep {
    /// The blocks of the weights, if they are quantised.
    var quantization: QuantizationFormat? {
        if case .quantized(let format) = storage { return format }
        return nil
    }
}
