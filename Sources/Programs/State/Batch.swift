/// The rows of a pass: tokens of any number of texts, each with a position, a place in the cache and a role of its own.
///
/// Generated rows come first, then the prompts' rows, text by text. Adding a row makes room for it in its text.
public final class Batch {
    struct Row {
        var token: Int32
        var position: Int
        var slot: Int
        /// Slot of the first key that it sees.
        var first: Int
        /// Where its text's table begins.
        var table: Int
        /// Of a prompt row: the segment that it is of.
        var segment: Int
    }

    /// Prompt rows of one text.
    struct Segment {
        var row: Int
        var rows: Int
    }

    private(set) var rows: [Row] = []
    private(set) var segments: [Segment] = []
    /// Rows whose logits are wanted.
    public private(set) var draws: [Int] = []
    /// How many rows are generated ones.
    public private(set) var generated = 0

    public init() {}

    /// Rows of the pass.
    public var count: Int { rows.count }

    /// Leaves no row; keeps the memory.
    public func clear() {
        rows.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
        draws.removeAll(keepingCapacity: true)
        generated = 0
    }

    /// A token that its text goes on with; its logits are wanted.
    ///
    /// - Returns: whether there was room for it.
    /// - Precondition: no prompt is in the batch yet.
    @discardableResult
    public func add(generated token: Int32, to text: TokenSequence) -> Bool {
        precondition(segments.isEmpty, "generated rows come before prompts")
        guard let place = text.extend(by: 1) else { return false }
        draws.append(rows.count)
        rows.append(
            Row(
                token: token, position: place.position, slot: place.slot, first: place.first, table: text.table,
                segment: 0))
        generated += 1
        return true
    }

    /// Tokens of a prompt, which go on from where their text is.
    ///
    /// - Parameter isDrawn: whether the logits behind the last of them are wanted.
    /// - Returns: whether there was room for them.
    @discardableResult
    public func add(prompt tokens: UnsafeBufferPointer<Int32>, to text: TokenSequence, isDrawn: Bool) -> Bool {
        guard !tokens.isEmpty, let place = text.extend(by: tokens.count) else { return false }
        let segment = Segment(row: rows.count, rows: tokens.count)
        // A window that ends within the rows would be another for each.
        precondition(tokens.count == 1 || place.first == 0, "rows behind a window come one by one")
        for (index, token) in tokens.enumerated() {
            rows.append(
                Row(
                    token: token, position: place.position + index, slot: place.slot + index, first: place.first,
                    table: text.table, segment: segments.count))
        }
        segments.append(segment)
        if isDrawn { draws.append(rows.count - 1) }
        return true
    }

    /// A whole text, whose rows see each other and nothing else of `keys`, where they come to lie one behind the other.
    ///
    /// - Precondition: there is room for them.
    public func add(text tokens: UnsafeBufferPointer<Int32>, to keys: TokenSequence) {
        guard let place = keys.extend(by: tokens.count) else {
            preconditionFailure("\(tokens.count) tokens: there is room for \(keys.capacity - keys.count)")
        }
        let segment = Segment(row: rows.count, rows: tokens.count)
        for (index, token) in tokens.enumerated() {
            rows.append(
                Row(
                    token: token, position: index, slot: place.slot + index, first: place.slot, table: keys.table,
                    segment: segments.count))
        }
        segments.append(segment)
    }

    /// Wants the logits of other rows.
    public func draw(_ rows: some Sequence<Int>) {
        draws.removeAll(keepingCapacity: true)
        draws.append(contentsOf: rows)
    }
}
