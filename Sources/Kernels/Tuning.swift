internal import CKernels

/// Numbers of the machine that kernels and teams read at run time. None changes a bit of a result.
///
/// They come from `Tuning.defaults(for:)`, or from what `mgbench tune` measured; they take effect once, at the start of
/// the program, because the size of a bound kernel's scratch follows from them.
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

    /// What the kernels read now. The only state that the program keeps of it.
    public static var inForce: Tuning {
        let now = mg_tuning_get()
        return Tuning(
            blockABytes: Int(now.block_a_bytes), inPlaceColumns: Int(now.in_place_columns),
            ffnTiles: Int(now.ffn_tiles),
            crew: Crew(
                leastNanoseconds: now.crew_nanoseconds, f32PerNanosecond: now.crew_f32,
                bytesPerNanosecond: now.crew_bytes))
    }

    /// Sets what the kernels read. No kernel may be running, and none that was bound before may be called after: its
    /// scratch has another size. (A measurement of several tunings sets each before it binds and before it calls.)
    public func takeEffect() {
        var numbers = mg_tuning(
            block_a_bytes: Int64(blockABytes), in_place_columns: Int64(inPlaceColumns), ffn_tiles: Int64(ffnTiles),
            crew_nanoseconds: crew.leastNanoseconds, crew_f32: crew.f32PerNanosecond,
            crew_bytes: crew.bytesPerNanosecond)
        mg_tuning_set(&numbers)
    }
}
