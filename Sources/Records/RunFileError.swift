public import Foundation
public import Refusals

/// A stored run, or another tool's file, that cannot be read, in one line.
public struct RunFileError: Refusal {
    public var description: String

    public init(_ description: String) { self.description = description }

    /// What is wrong with a text that does not decode: the field, or where it stops being JSON.
    ///
    /// - Parameters:
    ///   - name: of the file.
    ///   - kind: what was expected, for example `a run of mgbench`.
    public init(_ error: DecodingError, in json: Data, name: String, expected kind: String) {
        let place = RunFileError.fault(in: json).map { ": \($0)" } ?? ""
        description = "\(name): not \(kind): \(RunFileError.explain(error))\(place)"
    }

    /// Where a text stops being JSON; nil if it is. The decoder itself does not tell.
    private static func fault(in json: Data) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
            return nil
        } catch {
            let reason = (error as NSError).userInfo["NSDebugDescription"] as? String ?? error.localizedDescription
            if reason.contains("end of file") { return "it ends too early, after \(json.count) bytes" }
            guard let match = reason.firstMatch(of: /^(.*) around character (\d+)\.?$/), let offset = Int(match.2)
            else {
                return reason
            }
            return "\(match.1) at \(position(offset, in: json))"
        }
    }

    /// `line 3, column 14`: columns count bytes, from 1.
    private static func position(_ offset: Int, in text: Data) -> String {
        let before = text.prefix(offset)
        let column = before.reversed().prefix { $0 != 0x0A }.count
        return "line \(before.count { $0 == 0x0A } + 1), column \(column + 1)"
    }

    private static func explain(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\(oneLine($0.stringValue))" }.joined()
        }
        switch error {
        case .keyNotFound(let key, let context): return "field \(path(context)).\(key.stringValue) is missing"
        case .typeMismatch(let type, let context): return "field \(path(context)) should be \(type)"
        case .valueNotFound(let type, let context): return "field \(path(context)) should be \(type), not null"
        case .dataCorrupted(let context):
            guard context.codingPath.isEmpty else { return "field \(path(context)): \(context.debugDescription)" }
            return "it is not JSON"
        @unknown default: return "\(error)"
        }
    }

    /// A name out of a file of unknown origin, fit for a terminal: short, and without control characters.
    static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(100).map { scalar in
            let category = scalar.properties.generalCategory
            return [.control, .format, .lineSeparator, .paragraphSeparator].contains(category) ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
