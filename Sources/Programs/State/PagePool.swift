public import Kernels
internal import Tensors

/// The keys and values of all texts of a model: blocks of slots, each counted by the texts that it is part of.
///
/// Memory is head by head, so that a text whose blocks follow each other has each head's rows in one piece; a block is given
/// behind the text's last one where that is free. The system gives no memory to what was never written.
///
/// Invariants: a block is free or has as many references as tables name it; a block that is written has one.
public final class PagePool {
    public let format: CacheFormat
    public let layers: Int
    /// Of keys and values.
    public let heads: Int
    public let dim: Int
    /// Slots of a block.
    public let page: Int
    public let blocks: Int
    /// Texts at once, and blocks of each at most.
    public let texts: Int
    public let blocksPerText: Int
    /// Blocks that no text has.
    public private(set) var free: Int

    let memory: Tensor<UInt8>
    let layerBytes: Int
    /// `[texts][blocksPerText]`.
    let tables: Tensor<Int32>
    private var references: [Int32]
    /// Whether a block is in `order`.
    private var isListed: [Bool]
    /// Blocks in the order in which they are given where there is no better one; taken ones may be among them.
    private var order: [Int32]
    private var freeTables: [Int]
    private let keepsOrder: Bool

    /// - Parameters:
    ///   - page: slots of a block.
    ///   - texts: that there may be at once.
    ///   - slots: of a text at most.
    ///   - order: in which blocks are given, a permutation; nil for those that follow each other where they are free.
    public init(
        format: CacheFormat, layers: Int, heads: Int, dim: Int, page: Int, texts: Int, slots: Int, order: [Int]? = nil
    ) {
        precondition(page >= 1 && texts >= 1 && slots >= 1, "a text of at least a slot, in blocks of at least one")
        self.format = format
        self.layers = layers
        self.heads = heads
        self.dim = dim
        self.page = page
        self.texts = texts
        blocksPerText = (slots + page - 1) / page
        let all = blocksPerText * texts
        precondition(order.map { $0.sorted() == Array(0..<all) } ?? true, "an order of all \(all) blocks")
        blocks = all
        free = all
        layerBytes = (heads * all * page * format.rowBytes(dim: dim) + 63) / 64 * 64
        memory = Tensor([2 * layers, layerBytes], placement: .untouched)
        tables = Tensor([texts, blocksPerText])
        references = Array(repeating: 0, count: all)
        isListed = Array(repeating: true, count: all)
        self.order = (order ?? Array(0..<all)).reversed().map { Int32($0) }
        keepsOrder = order != nil
        freeTables = Array((0..<texts).reversed())
    }

    /// Bytes of all keys and values.
    public var bytes: Int { memory.bytes }
    /// Bytes that one token takes.
    public var bytesPerToken: Int { 2 * layers * heads * format.rowBytes(dim: dim) }

    // MARK: - Blocks

    /// A free block, the one behind `last` if that is free; nil if there is none.
    func take(behind last: Int32?) -> Int32? {
        if let last, !keepsOrder, last + 1 < blocks, references[Int(last) + 1] == 0 { return claim(last + 1) }
        while let block = order.popLast() {
            isListed[Int(block)] = false
            if references[Int(block)] == 0 { return claim(block) }
        }
        return nil
    }

    private func claim(_ block: Int32) -> Int32 {
        references[Int(block)] = 1
        free -= 1
        return block
    }

    func retain(_ block: Int32) {
        precondition(references[Int(block)] > 0, "block \(block) is free")
        references[Int(block)] += 1
    }

    func release(_ block: Int32) {
        precondition(references[Int(block)] > 0, "block \(block) is free")
        references[Int(block)] -= 1
        if references[Int(block)] == 0 {
            free += 1
            if !isListed[Int(block)] {
                isListed[Int(block)] = true
                order.append(block)
            }
        }
    }

    func isShared(_ block: Int32) -> Bool { references[Int(block)] > 1 }

    /// The first `count` slots of a block into another.
    func copy(_ source: Int32, to target: Int32, count: Int) {
        let row = format.rowBytes(dim: dim)
        for part in 0..<2 * layers {
            for head in 0..<heads {
                let base = memory.pointer + part * layerBytes + head * blocks * page * row
                (base + Int(target) * page * row).update(from: base + Int(source) * page * row, count: count * row)
            }
        }
    }

    /// A row of a block, widened.
    func row(_ isKey: Bool, _ layer: Int, _ head: Int, block: Int32, at slot: Int) -> [Float] {
        let part = memory.pointer + (2 * layer + (isKey ? 0 : 1)) * layerBytes
        let row = (head * blocks + Int(block)) * page + slot
        return format.values(UnsafeRawPointer(part + row * format.rowBytes(dim: dim)), dim: dim)
    }

    // MARK: - Tables

    func takeTable() -> Int {
        guard let table = freeTables.popLast() else {
            preconditionFailure("\(texts) texts at once: one has to end before another begins")
        }
        return table
    }

    func releaseTable(_ table: Int) { freeTables.append(table) }

    /// References that tables should give each block, against those that it has: what tests ask between passes.
    func isConsistent(with sequences: [TokenSequence]) -> Bool {
        var counted = [Int32](repeating: 0, count: blocks)
        for sequence in sequences { for block in sequence.blocks { counted[Int(block)] += 1 } }
        return counted == references && free == references.count { $0 == 0 }
    }
}
