/// What a file calls the tensors of a model: the names of a graph, which are GGUF's, and the file's own.
struct NameTable: Sendable {
    /// Names without `.weight` and `.bias`, `#` for the number of a layer; empty if the file has the graph's names.
    var names: [String: String] = [:]
    var prefix = ""
    /// Whether the weights of layers lie as `[inputs][outputs]`.
    var isTransposed = false
    /// Ends of names of tensors that are no weights: masks and angles that some versions wrote out.
    static let buffers = [".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq", ".position_ids"]

    static let gguf = NameTable()

    /// What the file calls `blk.3.attn_q.weight`.
    func name(of name: String) -> String {
        guard !names.isEmpty else { return name }
        var words = name.split(separator: ".").map(String.init)
        guard let leaf = words.popLast() else { return name }
        var number: String?
        if words.count > 1, words[0] == "blk" {
            number = words[1]
            words[1] = "#"
        }
        let key = words.joined(separator: ".")
        // The head has no prefix.
        if key == "output" { return "lm_head." + leaf }
        guard let own = names[key] else { return name }
        let parts = own.split(separator: "#", omittingEmptySubsequences: false)
        return prefix + parts.joined(separator: number ?? "#") + "." + leaf
    }
}
