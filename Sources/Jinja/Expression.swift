/// What a tag computes.
public indirect enum Expression: Sendable {
    case literal(Value)
    case name(String, Source)
    case list([Expression])
    case dict([(Expression, Expression)])
    case member(Expression, String, Source)
    case item(Expression, Expression, Source)
    case slice(Expression, from: Expression?, to: Expression?, by: Expression?, Source)
    case call(Expression, Arguments, Source)
    case filter(Expression, String, Arguments, Source)
    case test(Expression, String, [Expression], Source)
    case not(Expression)
    case negative(Expression, Source)
    case binary(String, Expression, Expression, Source)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case choice(Expression, if: Expression, else: Expression?)

    /// Where it stands, for a message.
    public struct Source: Sendable {
        var place: Place
    }

    public struct Arguments: Sendable {
        var plain: [Expression] = []
        var named: [(String, Expression)] = []
    }
}

/// What a template does, tag by tag.
public indirect enum Statement: Sendable {
    case text(Text)
    case output(Expression)
    case conditional([(condition: Expression, body: [Statement])], otherwise: [Statement])
    case loop(Loop)
    case set([Target], Expression, Expression.Source)
    /// `{% set x %}…{% endset %}`.
    case capture(Target, filters: [(String, Expression.Arguments)], [Statement], Expression.Source)
    case macro(Value.Macro)
    /// `{% filter upper %}…{% endfilter %}`.
    case filtered([(String, Expression.Arguments)], [Statement], Expression.Source)
    /// `{% generation %}…{% endgeneration %}`, which marks what a model wrote, and others that only hold a part together.
    case part([Statement])
    case leave(Expression.Source)
    case next(Expression.Source)

    /// What is assigned to: a name, or a member of a namespace.
    public struct Target: Sendable {
        var name: String
        var member: String?
    }

    public struct Loop: Sendable {
        var names: [String]
        var values: Expression
        var condition: Expression?
        var body: [Statement]
        var otherwise: [Statement]
        var source: Expression.Source
    }
}
