public import Foundation

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
                    "\(name): schema \(header.schema) is not \(Run.schemaVersion) or compatible with it")
            }
            let run = try decoder.decode(Run.self, from: json)
            for (place, row) in run.measurements.enumerated() {
                guard let contradiction = row.contradiction else { continue }
                throw RunFileError("\(name): measurements[\(place)]: \(contradiction)")
            }
            self = run
        } catch let error as RunFileError {
            throw error
        } catch let error as DecodingError {
            throw RunFileError(error, in: json, name: name, expected: "a run of mgbench")
        } catch {
            throw RunFileError("\(name): \(error)")
        }
    }
}
