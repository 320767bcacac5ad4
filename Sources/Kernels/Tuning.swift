package import CKernels

/// Numbers of the machine that kernels and teams go by. None changes a bit of a result.
///
/// They come from `Tuning.defaults(for:)`, or from what `mgbench tune` measured, and are handed over where a call is
/// bound: the size of its scratch follows from them.
public struct Tuning: Codable, Sendable, Hashable {
    /// matmul, ffn: bytes of a block of A's rows, which shall stay in the second cache.
    public var blockABytes: Int
    /// matmul, ffn: up to so many columns of B a worker, A is read in place instead of packed.
    public var inPlaceColumns: Int
    /// ffn fused: tokens of a block, in tiles of the product.
    public var ffnTiles: Int
    /// How many workers a call is worth.
    public var crew: Crew

    public init(blockABytes: Int, inPlaceColumns: Int = 256, ffnTiles: Int, crew: Crew = Crew()) {
        self.blockABytes = blockABytes
        self.inPlaceColumns = inPlaceColumns
        self.ffnTiles = ffnTiles
        self.crew = crew
    }

    /// A file may hold anything: numbers that no machine has are refused.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func number(_ key: CodingKeys, in range: ClosedRange<Int>) throws -> Int {
            let value = try values.decode(Int.self, forKey: key)
            guard range.contains(value) else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: values,
                    debugDescription: "\(value) is not from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        blockABytes = try number(.blockABytes, in: Tuning.blockARange)
        inPlaceColumns = try number(.inPlaceColumns, in: 0...65536)
        ffnTiles = try number(.ffnTiles, in: Tuning.ffnTilesRange)
        crew = try values.decode(Crew.self, forKey: .crew)
    }

    static let blockARange = 16 << 10...64 << 20
    static let ffnTilesRange = 1...64
}

/// A `Tuning` as the C kernels read it: it stays where it is for as long as a bound call points to it.
package final class CompiledTuning {
    package let pointer: UnsafePointer<mg_tuning>

    package init(_ tuning: Tuning) {
        let memory = UnsafeMutablePointer<mg_tuning>.allocate(capacity: 1)
        memory.initialize(
            to: mg_tuning(
                block_a_bytes: Int64(tuning.blockABytes), in_place_columns: Int64(tuning.inPlaceColumns),
                ffn_tiles: Int64(tuning.ffnTiles)))
        pointer = UnsafePointer(memory)
    }

    deinit { pointer.deallocate() }
}
