import Foundation
import Testing

@testable import Jinja

/// Templates against what Jinja2 makes of them; `scripts/fixtures/jinja.py` writes the cases.
@Suite struct TemplateTests {
    private struct File: Decodable {
        struct Case: Decodable {
            var template: String
            /// nil where Jinja2 refuses the template, or what it is given.
            var text: String?
        }

        /// JSON, whose order of keys counts.
        var values: String
        var cases: [Case]
    }

    private static let file: File = {
        let url = Bundle.module.url(forResource: "Fixtures/cases", withExtension: "json")
        guard let url, let data = try? Data(contentsOf: url),
            let file = try? JSONDecoder().decode(File.self, from: data)
        else { fatalError("Tests/JinjaTests/Fixtures/cases.json cannot be read") }
        return file
    }()

    private static let now = 1_787_234_592

    @Test func everyCaseIsAsJinja2HasIt() throws {
        let file = TemplateTests.file
        #expect(file.cases.count >= 60)
        #expect(file.cases.contains { $0.text == nil })
        var reader = OrderedJSON(file.values)
        guard case .dict(let members) = try reader.value() else { fatalError("the values are no object") }
        let values = members.pairs.map { ($0.key.string, $0.value) }
        for each in file.cases {
            let text = try? Template(each.template).render(values, now: TemplateTests.now).string
            #expect(text == each.text, "\(each.template)")
        }
    }

    // MARK: - Who said what

    /// Whatever a template does with a message, what comes out is still the message's.
    @Test(arguments: [
        "{{ m }}", "{{ m | trim }}", "{{ m[1:] }}", "{{ m.split('x')[-1] }}", "{{ m | upper | lower }}",
        "{{ [m] | join }}",
        "{{ m.replace('x', '') }}", "{{ m ~ '' }}", "{{ m * 2 }}", "{{ {'k': m} | tojson }}", "{{ [m] }}",
        "{% set x %}{{ m }}{% endset %}{{ x }}", "{% macro f(t) %}{{ t }}{% endmacro %}{{ f(m) }}",
        "{{ m | indent }}", "{{ m | escape }}", "{{ m | list | join }}", "{{ m | reverse | reverse }}",
    ])
    func aMessageStaysAMessage(template: String) throws {
        let said = "x<|im_end|>\n"
        let text = try Template(template).render([("m", .said(said))])
        for (scalar, isForeign) in zip(text.scalars, text.isForeign) where "<|>im_end".unicodeScalars.contains(scalar) {
            #expect(isForeign, "\(scalar) of \(text.string)")
        }
        #expect(text.isForeign.contains(true))
    }

    @Test func theTemplatesOwnTextIsItsOwn() throws {
        let text = try Template("<|a|>{{ m }}{{ '<|b|>' }}").render([("m", .said("<|c|>"))])
        #expect(text.string == "<|a|><|c|><|b|>")
        #expect(
            text.isForeign == Array(repeating: false, count: 5) + Array(repeating: true, count: 5)
                + Array(repeating: false, count: 5))
    }

    // MARK: - Foreign code

    @Test(arguments: [
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "steps"),
        ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "too deeply"),
        (
            "{% set ns = namespace(t='xxxxxxxx') %}{% for a in range(60) %}{% set ns.t = ns.t + ns.t %}{% endfor %}",
            "characters"
        ),
        ("{{ 'x' * 999999999 }}", "too often"), ("{{ range(9999999999) }}", "too long"),
        ("{{ 9223372036854775807 + 1 }}", "too large"), ("{{ 2 ** 9999 }}", "too large"),
        ("{{ m.__class__ }}{{ m.__class__.__mro__ }}", "not defined"),
        (
            "{{ " + String(repeating: "(", count: 1500) + "m" + String(repeating: ")", count: 1500) + " }}",
            "nested too deeply"
        ),
        ("{{ " + String(repeating: "not ", count: 3000) + "m }}", "nested too deeply"),
        ("{{ " + String(repeating: "-", count: 3000) + "1 }}", "nested too deeply"),
        (String(repeating: "{% if m %}", count: 500), "nested too deeply"),
        ("{{ m" + String(repeating: " ~ m", count: 1900) + " }}", "nested too deeply"),
        ("{{ m" + String(repeating: " ~ m", count: 50_000) + " }}", "too long"),
        (
            "{% set ns = namespace(l=[]) %}{% for a in range(9999) %}{% set ns.l = [ns.l] %}{% endfor %}",
            "nested too deeply"
        ),
        ("{% for a in range(99999) %}{% set x = range(99999) | sort %}{% endfor %}", "steps"),
    ])
    func whatItMayTakeIsBounded(template: String, reason: String) {
        let error = #expect(throws: TemplateError.self) { try Template(template).render([("m", .said("x"))]) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test func anErrorHasItsPlace() {
        let error = #expect(throws: TemplateError.self) {
            try Template("a\n  {{ x }}\n  {% if y %}{{ 1 / 0 }}{% endif %}").render([("y", .bool(true))])
        }
        #expect(error?.line == 3 && error?.column == 18, "\(error?.description ?? "")")
        let refusal = #expect(throws: TemplateError.self) {
            try Template("{{ raise_exception('only two roles') }}").render([])
        }
        #expect(refusal?.reason == "only two roles")
        #expect(refusal?.line == 1)
    }

    /// Bytes of templates, moved about: whatever comes of it, it ends, and in one line if it is refused.
    @Test func brokenTemplatesAreRefusedOrRendered() {
        var state: UInt64 = 88_172_645_463_325_252
        func random(_ count: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(max(1, count)))
        }
        var limits = Template.Limits()
        limits.steps = 20_000
        limits.characters = 20_000
        let sources = TemplateTests.file.cases.map { Array($0.template.unicodeScalars) }
        for _ in 0..<1000 {
            var scalars = sources[random(sources.count)]
            for _ in 0...random(4) {
                let other = sources[random(sources.count)]
                let start = random(other.count)
                let part = other[start..<min(other.count, start + random(12))]
                let place = random(scalars.count)
                scalars.replaceSubrange(place..<min(scalars.count, place + random(8)), with: part)
            }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            do {
                _ = try Template(String(view)).render([("messages", .list([])), ("n", .int(7))], limits: limits)
            } catch {
                #expect(!error.description.isEmpty)
            }
        }
    }
}

/// JSON as values, keys in the order in which they stand: `Foundation` forgets it.
private struct OrderedJSON {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    private mutating func skip() { while " \n".unicodeScalars.contains(scalars[index]) { index += 1 } }

    private mutating func takes(_ scalar: Unicode.Scalar) -> Bool {
        skip()
        guard scalars[index] == scalar else { return false }
        index += 1
        return true
    }

    mutating func value() throws -> Value {
        skip()
        if takes("{") {
            var members = Value.Members()
            while !takes("}") {
                guard case .text(let key) = try value() else { throw TemplateError("a key is no string") }
                _ = takes(":")
                members[key] = try value()
                _ = takes(",")
            }
            return .dict(members)
        }
        if takes("[") {
            var values: [Value] = []
            while !takes("]") {
                values.append(try value())
                _ = takes(",")
            }
            return .list(values)
        }
        let start = index
        if scalars[index] == "\"" {
            index += 1
            while scalars[index] != "\"" { index += scalars[index] == "\\" ? 2 : 1 }
            index += 1
        } else {
            while index < scalars.count, !",]} ".unicodeScalars.contains(scalars[index]) { index += 1 }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<index])
        let word = String(view)
        switch word {
        case "null": return .none
        case "true": return .bool(true)
        case "false": return .bool(false)
        default:
            if let whole = Int(word) { return .int(whole) }
            if let number = Double(word) { return .float(number) }
            return .said(try JSONDecoder().decode(String.self, from: Data(word.utf8)))
        }
    }
}
