internal import CKernels

/// Which rows of a pass are a text of their own. All layers of an encoder share one.
public final class TextBounds {
    let pointer: UnsafeMutablePointer<mg_texts>
    private let starts: UnsafeMutablePointer<Int64>
    private let most: Int

    /// - Parameter texts: texts of a pass at most.
    public init(texts: Int) {
        most = texts
        starts = .allocate(capacity: texts + 1)
        starts.initialize(repeating: 0, count: texts + 1)
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: mg_texts(count: 0, starts: UnsafePointer(starts)))
    }

    deinit {
        pointer.deallocate()
        starts.deallocate()
    }

    /// Texts of these many rows follow each other.
    public func set(_ lengths: some Sequence<Int>) {
        var (count, row) = (0, 0)
        for length in lengths {
            precondition(count < most && length > 0, "\(most) texts of at least a row")
            row += length
            count += 1
            starts[count] = Int64(row)
        }
        pointer.pointee.count = Int64(count)
    }
}

/// What an encoder needs beside a decoder's operations.
extension Program {
    /// o = attention of each text to itself, by heads: every row of a text sees every other of it, and no other.
    ///
    /// - Parameters:
    ///   - cache: whole, not in 8 bits; its layer `part` holds the keys and values of the pass, those of row r at slot r.
    ///   - longest: rows of a text at most.
    public func textAttention(
        _ heads: HeadLayout, texts: TextBounds, longest: Int, cache: KeyValueCache, layer: Int, part: Int,
        q: UnsafeRawPointer, o: Values
    ) throws(KernelSetError) {
        precondition(cache.page == 0 && cache.format != .q8 && cache.capacity >= rows, "a whole cache of the pass")
        let format = cache.format.operands
        let problem = { (count: Int) in
            Attention.Problem(
                heads: 1, kvHeads: 1, queries: count, keys: count, dim: heads.dim, causal: false, format: format)
        }
        let variant = try kernels.resolve(Attention.self, problem(longest), for: "attention, \(phase)")
        var call = 0
        if let size = variant.entry.workspace_bytes {
            for count in 1...longest {
                let sizes = Attention.arguments(problem(count), nil)
                call = max(call, withUnsafePointer(to: sizes) { size($0, 1) })
            }
        }
        call = (call + 127) / 64 * 64
        let arguments = mg_text_attention(
            place: UnsafePointer(place.pointer), texts: UnsafePointer(texts.pointer), cache: cache.layer(part),
            heads: Int64(heads.heads), scale: problem(1).scale, dtype: format == .bf16 ? MG_BF16 : MG_F32,
            run: variant.entry.run, q: q, o: o, workspace: nil, call_bytes: call)
        keep(texts)
        keep(cache)
        let kept = hold(arguments)
        scratch(call * kernels.workers, rawField(kept, \.workspace))
        append(
            "attention", mg_text_attention_run, kept,
            Output(name: "blk.\(layer).attention", values: o, shape: [heads.heads, heads.dim], byHeads: true))
    }
}
