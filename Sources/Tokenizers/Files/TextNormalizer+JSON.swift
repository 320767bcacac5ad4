internal import Foundation

extension TextNormalizer {
    /// Reads the `normalizer` of a `tokenizer.json`; nil: there is none.
    ///
    /// - Throws: `TokenizerError` that names what is not known.
    init?(json: JSONValue?) throws(TokenizerError) {
        guard let json, !json.isNull else { return nil }
        let steps = try Self.steps(json, depth: 0)
        if steps.isEmpty { return nil }
        self.init(steps)
    }

    private static func steps(_ json: JSONValue, depth: Int) throws(TokenizerError) -> [Step] {
        switch json["type"]?.text ?? "nothing" {
        case "Sequence" where depth < 8:
            var steps: [Step] = []
            for item in json["normalizers"]?.array ?? [] { steps += try Self.steps(item, depth: depth + 1) }
            return steps
        case "Precompiled":
            guard let text = json["precompiled_charsmap"]?.text, let data = Data(base64Encoded: text) else {
                throw TokenizerError("normalizer: Precompiled needs precompiled_charsmap in base64")
            }
            do { return [.precompiled(try Charsmap([UInt8](data)))] } catch {
                throw TokenizerError("normalizer.\(error.problem)")
            }
        case "NFC": return [.nfc]
        case "NFD": return [.nfd]
        case "NFKC": return [.nfkc]
        case "NFKD": return [.nfkd]
        case "Lowercase": return [.lowercase]
        case "StripAccents": return [.stripAccents]
        case "Strip":
            return [
                .strip(left: json["strip_left"]?.bool ?? true, right: json["strip_right"]?.bool ?? true)
            ]
        case "Prepend": return [.prepend(json["prepend"]?.text ?? "▁")]
        case "Replace":
            let new = json["content"]?.text ?? ""
            if let old = json["pattern"]?["String"]?.text, !old.isEmpty { return [.replace(old, new)] }
            let pattern = json["pattern"]?["Regex"]?.text ?? ""
            guard pattern == " {2,}" else {
                throw TokenizerError(
                    "normalizer: Replace is known with a string or the expression \" {2,}\", not with "
                        + pattern.debugDescription)
            }
            return [.replaceSpaces(new)]
        case let other:
            throw TokenizerError(
                "normalizer: \(other) is not known; known are Sequence, Precompiled, NFC, NFD, NFKC, NFKD, Lowercase, "
                    + "StripAccents, Strip, Prepend and Replace")
        }
    }

    /// The value of `normalizer` in a `tokenizer.json`.
    static func text(_ normalizer: TextNormalizer?) -> String {
        guard let normalizer else { return "null" }
        return "{\"type\":\"Sequence\",\"normalizers\":[\(normalizer.steps.map(text).joined(separator: ","))]}"
    }

    private static func text(_ step: Step) -> String {
        var json = JSONWriter()
        switch step {
        case .precompiled(let table):
            json.raw("{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"")
            json.raw(Data(table.bytes).base64EncodedString() + "\"}")
        case .nfc: json.raw("{\"type\":\"NFC\"}")
        case .nfd: json.raw("{\"type\":\"NFD\"}")
        case .nfkc: json.raw("{\"type\":\"NFKC\"}")
        case .nfkd: json.raw("{\"type\":\"NFKD\"}")
        case .lowercase: json.raw("{\"type\":\"Lowercase\"}")
        case .stripAccents: json.raw("{\"type\":\"StripAccents\"}")
        case .strip(let left, let right):
            json.raw("{\"type\":\"Strip\",\"strip_left\":\(left),\"strip_right\":\(right)}")
        case .prepend(let text):
            json.raw("{\"type\":\"Prepend\",\"prepend\":")
            json.string(text)
            json.raw("}")
        case .replace(let old, let new):
            json.raw("{\"type\":\"Replace\",\"pattern\":{\"String\":")
            json.string(old)
            json.raw("},\"content\":")
            json.string(new)
            json.raw("}")
        case .replaceSpaces(let new):
            json.raw("{\"type\":\"Replace\",\"pattern\":{\"Regex\":\" {2,}\"},\"content\":")
            json.string(new)
            json.raw("}")
        }
        return String(decoding: json.text, as: UTF8.self)
    }
}
