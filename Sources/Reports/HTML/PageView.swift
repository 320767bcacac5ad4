/// What one template shows.
///
/// A template asks for the view's stored properties by name: text and numbers, which are escaped; other views; lists of
/// these; `true` and `false`; and `Markup`, which is not escaped. An optional that is nil is asked for with a dot before
/// its name (`{{#.note}}`), or a view further out would answer in its place.
public protocol PageView: Sendable {
    /// The file of `Templates` that shows this view, without its ending. Stored, because computed properties are not seen.
    var template: String { get }
}

extension PageView {
    /// The view as its template writes it.
    ///
    /// - Parameter words: The language of the sentences that stand in the template, `{{#t}}like this{{/t}}`.
    public func markup(_ words: Words = .english) -> Markup { PageTemplates.markup(self, words) }
}

/// Text that goes into a page as it is.
///
/// Only this room makes it: from a template, from values as JSON (`HTML.embed`), and from the files beside the templates.
/// So nothing that came from a run's file or from an address can be markup.
public struct Markup: Sendable, CustomStringConvertible {
    public let description: String

    init(_ text: String) { description = text }
}
