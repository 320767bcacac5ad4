public import Foundation

/// A stored run that cannot be read, in one line.
public struct RunFileError: Error, CustomStringConvertible {
    public var description: String
}

extension Run {
    /// The run as JSON: sorted keys, ISO 8601 dates, numbers that are never NaN or infinite.
    ///
    /// - Throws: `EncodingError` if a value is not finite.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return try encoder.encode(self)
    }

    /// Reads what `json()` wrote, now or in an earlier version.
    ///
    /// - Throws: `RunFileError`, naming the field.
    public init(json: Data, name: String) throws(RunFileError) {
        struct Header: Decodable { var schema: String }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            let header = try decoder.decode(Header.self, from: json)
            guard header.schema.split(separator: ".").first == Run.schemaVersion.split(separator: ".").first else {
                throw RunFileError(
                    description: "\(name): schema \(header.schema) is not \(Run.schemaVersion) or compatible with it")
            }
            self = try decoder.decode(Run.self, from: json)
        } catch let error as RunFileError {
            throw error
        } catch let error as DecodingError {
            let place = Run.fault(in: json).map { ": \($0)" } ?? ""
            throw RunFileError(description: "\(name): not a run of mgbench: \(Run.explain(error))\(place)")
        } catch {
            throw RunFileError(description: "\(name): \(error)")
        }
    }

    /// Where a text stops being JSON; nil if it is.
    private static func fault(in json: Data) -> String? {
        do {
            _ = try JSONSerialization.jsonObject(with: json, options: .fragmentsAllowed)
            return nil
        } catch {
            let text = (error as NSError).userInfo["NSDebugDescription"] as? String ?? error.localizedDescription
            return text.contains("end of file") ? "it ends too early, after \(json.count) bytes" : text
        }
    }

    static func explain(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? ".\($0.stringValue)" }.joined()
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
}
