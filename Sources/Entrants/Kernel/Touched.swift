/// The memory that a call of a variant goes through.
public struct Touched: Sendable {
    public struct Part: Sendable, Equatable {
        public var name: String
        public var bytes: Int
        /// An input that is not read, because the variant reads a packed copy.
        public var isReplaced: Bool
        /// Bytes from one row to the next of a matrix in f32 or bf16; nil for a vector, for blocks, and for what a
        /// variant lays out itself.
        public var stride: Int?
        /// Rows that lie so far apart.
        public var rows = 1

        /// Rows a multiple of 4 KiB apart fall into the same sets of a first-level cache of 64 sets of 64 bytes: a walk
        /// down a column, or over a tile of rows, pushes out its own lines. From 8 rows on, as many as such a cache has
        /// ways at least.
        public var hasConflictStride: Bool {
            stride.map { $0 > 0 && $0.isMultiple(of: 4096) && rows >= 8 } ?? false
        }

        public init(name: String, bytes: Int, isReplaced: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.isReplaced = isReplaced
        }

        /// - Parameter shape: of a matrix, rows before columns, or of several.
        init(name: String, shape: [Int], bytes: Int, isReplaced: Bool = false) {
            self.init(name: name, bytes: bytes, isReplaced: isReplaced)
            guard shape.count >= 2 else { return }
            rows = shape.dropLast().reduce(1, *)
            stride = rows > 0 ? bytes / rows : nil
        }
    }

    /// Inputs, outputs, the packed copy, scratch.
    public var parts: [Part]
    /// False for variants in Swift, of libraries and of plugins, whose own memory nobody sees.
    public var ownMemoryIsKnown: Bool

    public init(parts: [Part], ownMemoryIsKnown: Bool) {
        self.parts = parts
        self.ownMemoryIsKnown = ownMemoryIsKnown
    }

    public var bytes: Int { parts.reduce(0) { $0 + ($1.isReplaced ? 0 : $1.bytes) } }
}
