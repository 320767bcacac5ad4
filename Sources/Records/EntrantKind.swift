/// What kind of thing a row is about. The raw values are those of the files.
public enum EntrantKind: String, Codable, Sendable, CaseIterable {
    /// The definition, in Double: the truth that all others are held against.
    case reference
    /// A kernel of vector instructions, one operation at a time.
    case simd
    /// A kernel that does several operations in one pass.
    case fused
    /// Calls of a BLAS library.
    case blas
    /// Another library, in a process of its own.
    case library
    /// A kernel from outside.
    case plugin
    /// A whole language model; in files from before 2026-12 a tokenizer as well.
    case model
    case tokenizer
    /// A row of another tool's file.
    case imported

    /// Whether it is what others are held against: speed-ups say how much faster than a rival a row is.
    public var isRival: Bool {
        switch self {
        case .reference, .blas, .library: true
        case .simd, .fused, .plugin, .model, .tokenizer, .imported: false
        }
    }
}
