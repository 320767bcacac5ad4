internal import Reports

/// Runs side by side, each against the same base.
struct CompareView: PageView {
    let template = "compare"
    let hidden: [HiddenField]
    let base: Choices
    let head: Choices
    let further: Choices
    let comparisons: [ComparisonView]

    /// - Parameters:
    ///   - known: Runs to choose from.
    ///   - heads: The chosen ones.
    init(
        _ visitor: Visitor, known: [String], base: String?, heads: [String], comparisons: [ComparisonView]
    ) {
        func choices(_ id: String?) -> Choices {
            let isKnown = id.map(known.contains) ?? true
            let names = isKnown ? known : [id].compactMap { $0 } + known
            return Choices(names, chosen: id, all: visitor.words("choose a run"))
        }
        hidden = visitor.hiddenFields
        self.base = choices(base)
        head = choices(heads.first)
        further = choices(heads.dropFirst().first)
        self.comparisons = comparisons
    }
}
