/// The memory that a call of a variant goes through.
public struct Touched: Sendable {
    public struct Part: Sendable, Equatable {
        public var name: String
        public var bytes: Int
        /// An input that is not read, because the variant reads a packed copy.
        public var isReplaced: Bool

        public init(name: String, bytes: Int, isReplaced: Bool = false) {
            self.name = name
            self.bytes = bytes
            self.isReplaced = isReplaced
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
