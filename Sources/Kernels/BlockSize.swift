internal import CKernels

/// A block that a kernel works on, and the cache that it shall stay in while it does.
public struct BlockSize: Sendable {
    /// What is blocked, and in which variants.
    public let name: String
    public let bytes: Int
    /// 1 for the first data cache.
    public let cacheLevel: Int

    /// Those that the kernels were built with. They are constants, so that a sum has the same order on every machine;
    /// what they are measured against is the machine's.
    public static var all: [BlockSize] {
        var count: Int32 = 0
        let table = UnsafeBufferPointer(start: mg_blocks(&count), count: Int(count))
        return table.map {
            BlockSize(name: String(cString: $0.name), bytes: Int($0.bytes), cacheLevel: Int($0.level))
        }
    }
}
