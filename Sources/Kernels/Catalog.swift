/// The list of families: the table of contents of the kernels, and the only global.
public enum Catalog {
    public static let families: [any KernelFamily.Type] = [
        Matmul.self, Softmax.self, Attention.self, CachedAttention.self, FFN.self, QuantizedMatmul.self, Norm.self,
        Elementwise.self,
    ]

    /// The family of this name, or nil.
    public static func family(named name: String) -> (any KernelFamily.Type)? {
        families.first { $0.name == name }
    }

    /// Tells one set of kernels from another, so that times of one are not taken for the other's: a hash (FNV-1a) over the
    /// names, needs and stories of all variants.
    public static var revision: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for text in families.flatMap({ lines(of: $0) }) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        }
        return String(hash, radix: 16)
    }

    private static func lines<Family: KernelFamily>(of family: Family.Type) -> [String] {
        family.variants.map { "\(family.name)/\($0.name) \($0.needs) \($0.story)\n" }
    }
}
