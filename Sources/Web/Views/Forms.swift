internal import History
internal import Reports

/// What one `<select>` offers.
struct Choices: PageView {
    struct Choice: Sendable {
        var value: String
        var name: String
        var isChosen: Bool
    }

    let template = "choices"
    let choices: [Choice]

    /// - Parameters:
    ///   - all: What the first choice is called.
    ///   - allValue: What the first choice sends.
    init(_ pairs: [(value: String, name: String)], chosen: String?, all: String, allValue: String = "") {
        choices =
            [Choice(value: allValue, name: all, isChosen: false)]
            + pairs.map { Choice(value: $0.value, name: $0.name.printable, isChosen: $0.value == chosen) }
    }

    init(machines: [MachineIdentity], chosen: String?, all: String) {
        self.init(machines.map { ($0.key, "\($0.key) · \($0.description.prefix(40))") }, chosen: chosen, all: all)
    }

    init(_ values: [String], chosen: String?, all: String) {
        self.init(values.map { ($0, $0) }, chosen: chosen, all: all)
    }
}

/// What a form sends along unseen.
struct HiddenField: Sendable {
    var name: String
    var value: String
}

/// Links through the pages of a list; none for a list of one page.
struct Pager: PageView {
    let template = "pager"
    /// Addresses; nil at the ends.
    let newer: String?
    let older: String?
    let place: String

    init?(page: Int, size: Int, total: Int, _ visitor: Visitor) {
        let last = max(1, (total + size - 1) / size)
        guard last > 1 else { return nil }
        func address(_ to: Int) -> String? {
            (1...last).contains(to) ? visitor.here(changing: ["page": "\(to)"]) : nil
        }
        newer = address(page - 1)
        older = address(page + 1)
        place = visitor.words("page %1 of %2", "\(page)", "\(last)")
    }
}
