internal import Weights

/// The metadata of a GGUF file under the name of its architecture.
struct GGUFMetadataReader {
    let file: GGUFFile
    let architecture: String

    var path: String { file.file.path }

    func failure(_ problem: String) -> LanguageModelError { LanguageModelError("\(path): \(problem)") }

    /// - Throws: `LanguageModelError` naming the key.
    func integer(_ key: String) throws(LanguageModelError) -> Int {
        guard let value = wholeNumber(key) else {
            throw failure("\(architecture).\(key) is missing, or not a whole number")
        }
        return value
    }

    func wholeNumber(_ key: String) -> Int? { file["\(architecture).\(key)"]?.integer }
    func number(_ key: String) -> Double? { file["\(architecture).\(key)"]?.number }
    func text(_ key: String) -> String? { file["\(architecture).\(key)"]?.string }

    /// - Throws: `LanguageModelError` if the key is not there.
    func epsilon(_ key: String) throws(LanguageModelError) -> Float {
        guard let value = number(key) else { throw failure("\(architecture).\(key), the norm's epsilon, is missing") }
        return Float(value)
    }

    var vocabulary: Int { file.tensor(named: "token_embd.weight")?.rows ?? wholeNumber("vocab_size") ?? 0 }

    /// What positions are multiplied with before they turn.
    ///
    /// - Throws: `LanguageModelError` for a way to scale that is not known.
    func rotaryScale() throws(LanguageModelError) -> Double {
        switch text("rope.scaling.type") {
        case "none": return 1
        case nil, "linear": return 1 / (number("rope.scaling.factor") ?? 1)
        case let kind?: throw failure("\(architecture).rope.scaling.type is \(kind); none and linear are accepted")
        }
    }

    /// Heads, and how many share keys.
    func heads(width: Int) throws(LanguageModelError) -> StatedHeads {
        let heads = try integer("attention.head_count")
        guard heads > 0 else { throw failure("\(architecture).attention.head_count is \(heads)") }
        let dim = wholeNumber("attention.key_length") ?? width / heads
        if let values = wholeNumber("attention.value_length"), values != dim {
            throw failure("heads of \(dim) keys and \(values) values; the same size is accepted")
        }
        return StatedHeads(heads: heads, kvHeads: wholeNumber("attention.head_count_kv") ?? heads, dim: dim)
    }
}

/// Heads as a file says them, before anyone looked whether they go together.
struct StatedHeads {
    var heads, kvHeads, dim: Int
}
