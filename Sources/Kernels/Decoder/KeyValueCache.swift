internal import CKernels
internal import Tensors

/// How keys and values are kept.
public enum CacheFormat: String, CaseIterable, Codable, Sendable {
    case f32, bf16
    /// Blocks of 32 int8 with a float each.
    case q8

    var compiled: mg_cache_format {
        switch self {
        case .f32: MG_CACHE_F32
        case .bf16: MG_CACHE_BF16
        case .q8: MG_CACHE_Q8
        }
    }

    /// What the attention variant reads.
    var operands: NumberFormat { self == .bf16 ? .bf16 : .f32 }
}

/// Where the next pass stands in its text and in the cache. All layers and programs of a model share one.
public final class Place {
    let pointer: UnsafeMutablePointer<mg_place>

    public init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: mg_place(rows: 1, position: 0, slot: 0, first: 0))
    }

    deinit { pointer.deallocate() }

    /// Tokens of the pass.
    public var rows: Int {
        get { Int(pointer.pointee.rows) }
        set { pointer.pointee.rows = Int64(newValue) }
    }
    /// Of the first of them in the text.
    public var position: Int {
        get { Int(pointer.pointee.position) }
        set { pointer.pointee.position = Int64(newValue) }
    }
    /// Of the first of them in the cache.
    public var slot: Int {
        get { Int(pointer.pointee.slot) }
        set { pointer.pointee.slot = Int64(newValue) }
    }
    /// Slot of the first key that is seen.
    public var first: Int {
        get { Int(pointer.pointee.first) }
        set { pointer.pointee.first = Int64(newValue) }
    }
}

/// The keys and values of all layers of a model.
///
/// Whole, a head's rows lie one after another, up to the capacity. In pages, as many slots as a page has are together,
/// all heads of them, and a table says where each page lies: what a text has filled is one piece of memory a layer, and
/// the system gives no memory to what was never written.
public final class KeyValueCache {
    public let format: CacheFormat
    public let layers: Int
    public let heads: Int
    public let dim: Int
    /// Slots.
    public let capacity: Int
    /// Slots of a page; 0 if the cache is whole.
    public let page: Int
    /// Keys and values of layer after layer, in one piece.
    private let memory: Tensor<UInt8>
    private let layerBytes: Int
    private let table: Tensor<Int32>?

    /// - Parameters:
    ///   - page: slots of a page, or 0 to keep each head whole.
    ///   - order: where page i lies, a permutation of the pages; nil for one after another.
    public init(
        format: CacheFormat, layers: Int, heads: Int, dim: Int, capacity: Int, page: Int = 0, order: [Int]? = nil
    ) {
        precondition(dim <= Int(MG_WIDEST_HEAD), "heads of \(dim) values: at most \(MG_WIDEST_HEAD) are possible")
        let pages = page == 0 ? 0 : (capacity + page - 1) / page
        self.format = format
        self.layers = layers
        self.heads = heads
        self.dim = dim
        self.capacity = page == 0 ? capacity : pages * page
        self.page = page
        let row = Int(mg_cache_row_bytes(format.compiled, Int64(dim)))
        layerBytes = (heads * self.capacity * row + 63) / 64 * 64
        memory = Tensor([2 * layers, layerBytes], placement: .untouched)
        table = page == 0 ? nil : Tensor([pages])
        for index in 0..<pages { table?[index] = Int32(order?[index] ?? index) }
    }

    /// Bytes of all keys and values.
    public var bytes: Int { memory.bytes }

    private func part(_ isKey: Bool, _ layer: Int) -> UnsafeMutablePointer<UInt8> {
        memory.pointer + (2 * layer + (isKey ? 0 : 1)) * layerBytes
    }

    /// Bytes that one token takes.
    public var bytesPerToken: Int { 2 * layers * heads * Int(mg_cache_row_bytes(format.compiled, Int64(dim))) }

    func layer(_ index: Int) -> mg_cache {
        mg_cache(
            format: format.compiled, kv_heads: Int64(heads), dim: Int64(dim), capacity: Int64(capacity),
            page: Int64(page), table: table.map { UnsafePointer($0.pointer) }, k: part(true, index),
            v: part(false, index))
    }

    /// The key or value of a head at a slot, widened.
    public func row(_ isKey: Bool, layer: Int, head: Int, slot: Int) -> [Float] {
        let row = Int(mg_cache_row_bytes(format.compiled, Int64(dim)))
        let base = UnsafeRawPointer(part(isKey, layer))
        let start = base + offset(head, slot, row: row)
        return (0..<dim).map { i in
            switch format {
            case .f32: start.load(fromByteOffset: i * 4, as: Float.self)
            case .bf16: BFloat16(bits: start.load(fromByteOffset: i * 2, as: UInt16.self)).float
            case .q8:
                start.loadUnaligned(fromByteOffset: i / 32 * 36, as: Float.self)
                    * Float(start.load(fromByteOffset: i / 32 * 36 + 4 + i % 32, as: Int8.self))
            }
        }
    }

    private func offset(_ head: Int, _ slot: Int, row: Int) -> Int {
        var index = head * capacity + slot
        if page > 0, let table { index = (Int(table[slot / page]) * heads + head) * page + slot % page }
        return index * row
    }

    /// The keys and values of one slot, as they are kept: `bytesPerToken` bytes.
    public func saved(_ slot: Int) -> [UInt8] {
        let row = Int(mg_cache_row_bytes(format.compiled, Int64(dim)))
        var bytes: [UInt8] = []
        bytes.reserveCapacity(bytesPerToken)
        for part in 0..<2 * layers {
            for head in 0..<heads {
                let start = memory.pointer + part * layerBytes + offset(head, slot, row: row)
                bytes.append(contentsOf: UnsafeBufferPointer(start: start, count: row))
            }
        }
        return bytes
    }

    /// Puts keys and values that were saved into a slot.
    public func restore(_ bytes: [UInt8], to slot: Int) {
        precondition(bytes.count == bytesPerToken, "\(bytes.count) bytes; a token has \(bytesPerToken)")
        let row = Int(mg_cache_row_bytes(format.compiled, Int64(dim)))
        bytes.withUnsafeBufferPointer { bytes in
            guard var source = bytes.baseAddress else { return }
            for part in 0..<2 * layers {
                for head in 0..<heads {
                    let start = memory.pointer + part * layerBytes + offset(head, slot, row: row)
                    start.update(from: source, count: row)
                    source += row
                }
            }
        }
    }

    /// Moves the last `kept` of `filled` slots to the front: what a sliding window no longer sees makes room.
    public func slide(keeping kept: Int, of filled: Int) {
        precondition(page == 0, "a cache in pages does not slide")
        let row = Int(mg_cache_row_bytes(format.compiled, Int64(dim)))
        for part in 0..<2 * layers {
            for head in 0..<heads {
                let start = UnsafeMutableRawPointer(memory.pointer) + part * layerBytes + head * capacity * row
                start.copyMemory(from: start + (filled - kept) * row, byteCount: kept * row)
            }
        }
    }
}
