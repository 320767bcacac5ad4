internal import Tensors

extension ModelWeights {
    /// The rows of the tokens, with their positions' where these are learned.
    func embed(_ tokens: UnsafeBufferPointer<Int32>, position: Int, into out: UnsafeMutablePointer<Float>) {
        let width = configuration.width
        for (row, token) in tokens.enumerated() {
            precondition(token >= 0 && Int(token) < configuration.vocabulary, "the vocabulary has no token \(token)")
            let values = out + row * width
            embedding.write(Int(token)..<Int(token) + 1, to: values)
            if let positions {
                let learned = positions.pointer + (position + row) * width
                for i in 0..<width { values[i] += learned[i] }
            }
        }
    }
}
