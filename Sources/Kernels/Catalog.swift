/// The list of families: the table of contents of the kernels, and the only global.
public enum Catalog {
    public static let families: [any KernelFamily.Type] = [
        Matmul.self, Softmax.self, Attention.self, FFN.self, QuantizedMatmul.self, Norm.self, Elementwise.self,
    ]

    /// The family of this name, or nil.
    public static func family(named name: String) -> (any KernelFamily.Type)? {
        families.first { $0.name == name }
    }
}
