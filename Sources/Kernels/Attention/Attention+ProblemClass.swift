public import Machine

extension Attention {
    /// Format, queries, where K and V lie. Variants for decoding take 8 queries at most, so that is the second bucket.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let queries =
            switch problem.queries {
            case ...1: "1 query"
            case ...8: "2-8 queries"
            case ...64: "9-64 queries"
            default: "65+ queries"
            }
        let cache = 2 * problem.kvHeads * problem.keys * problem.dim * problem.format.bytes
        return "\(problem.format.rawValue), \(queries), K and V in \(ProblemClass.home(of: cache, on: topology))"
    }
}
