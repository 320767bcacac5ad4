/// Heads of queries, and how many share keys.
public struct HeadLayout: Sendable, Hashable, Codable {
    public var heads: Int
    public var kvHeads: Int
    public var dim: Int

    public init(heads: Int, kvHeads: Int, dim: Int) {
        precondition(heads % kvHeads == 0, "\(heads) heads cannot share \(kvHeads) evenly")
        self.heads = heads
        self.kvHeads = kvHeads
        self.dim = dim
    }
}
