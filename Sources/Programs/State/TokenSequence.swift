internal import Tensors

/// One text as a model has read it: how far it is, and which blocks of the pool hold its keys and values.
///
/// Texts that begin alike share blocks; before a block that another text has, too, is written, the text gets a copy of its
/// own. Behind a window, blocks that no row will see again go back to the pool.
public final class TokenSequence {
    public let pool: PagePool
    /// How many tokens back attention sees; all if nil.
    public let window: Int?
    /// Tokens of the text so far.
    public private(set) var count = 0
    /// Slots of the table that are filled: fewer than `count` once a window has moved on.
    private(set) var filled = 0
    /// Where its table begins among the pool's.
    let table: Int
    private var blockCount = 0

    public init(in pool: PagePool, window: Int? = nil) {
        self.pool = pool
        self.window = window
        table = pool.takeTable() * pool.blocksPerText
    }

    deinit {
        rewind(to: 0)
        pool.releaseTable(table / pool.blocksPerText)
    }

    /// Its blocks, in the order of its slots.
    var blocks: [Int32] { (0..<blockCount).map { pool.tables[table + $0] } }

    /// Slots that its table has room for.
    public var capacity: Int { pool.blocksPerText * pool.page }

    /// The key or value of a head at a slot, widened: `dim` values.
    public func row(_ isKey: Bool, layer: Int, head: Int, slot: Int) -> [Float] {
        precondition(slot < filled, "\(filled) slots are filled")
        return pool.row(isKey, layer, head, block: pool.tables[table + slot / pool.page], at: slot % pool.page)
    }

    /// A text that begins as this one does, on the same blocks.
    public func fork() -> TokenSequence {
        let other = TokenSequence(in: pool, window: window)
        (other.count, other.filled, other.blockCount) = (count, filled, blockCount)
        for index in 0..<blockCount {
            other.pool.tables[other.table + index] = pool.tables[table + index]
            pool.retain(pool.tables[table + index])
        }
        return other
    }

    /// Forgets what came after the first `count` tokens.
    ///
    /// - Precondition: no window has moved on, or nothing at all is to be kept.
    public func rewind(to count: Int) {
        precondition(count <= self.count, "\(self.count) tokens: there is no going back to \(count)")
        precondition(filled == self.count || count == 0, "only what is kept can be gone back to")
        (self.count, filled) = (count, count)
        let kept = (count + pool.page - 1) / pool.page
        while blockCount > kept {
            blockCount -= 1
            pool.release(pool.tables[table + blockCount])
        }
    }

    /// Where the next `rows` tokens come to lie.
    struct Place {
        var position: Int
        var slot: Int
        /// Slot of the first key that the first of them sees.
        var first: Int
    }

    /// Makes room for the next tokens: the text is longer by them.
    ///
    /// - Returns: nil, with nothing changed that counts, if the pool has no block left or the table no room.
    func extend(by rows: Int) -> Place? {
        moveOn(rows)
        guard filled + rows <= capacity, own(rows) else { return nil }
        let place = Place(
            position: count, slot: filled, first: window.map { max(0, filled + 1 - $0) } ?? 0)
        count += rows
        filled += rows
        return place
    }

    /// Lets go of the blocks before the window that the next row sees.
    private func moveOn(_ rows: Int) {
        guard let window else { return }
        let unseen = max(0, filled + 1 - window) / pool.page
        guard unseen > 0, filled + rows > capacity else { return }
        for index in 0..<unseen { pool.release(pool.tables[table + index]) }
        for index in unseen..<blockCount { pool.tables[table + index - unseen] = pool.tables[table + index] }
        blockCount -= unseen
        filled -= unseen * pool.page
    }

    /// Whether all blocks that the next tokens are written to are this text's alone.
    private func own(_ rows: Int) -> Bool {
        if filled < blockCount * pool.page {
            let index = table + filled / pool.page
            let block = pool.tables[index]
            if pool.isShared(block) {
                guard let copy = pool.take(behind: nil) else { return false }
                pool.copy(block, to: copy, count: filled % pool.page)
                pool.release(block)
                pool.tables[index] = copy
            }
        }
        while blockCount * pool.page < filled + rows {
            let last = blockCount > 0 ? pool.tables[table + blockCount - 1] : nil
            guard let block = pool.take(behind: last) else { return false }
            pool.tables[table + blockCount] = block
            blockCount += 1
        }
        return true
    }
}
