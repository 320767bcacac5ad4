internal import Tensors
internal import Weights

extension ModelWeights {
    /// Why the model counts as never trained; nil if it does not.
    ///
    /// Two signs are looked at. `training.step` in the metadata of its file, the steps of training that it has behind
    /// it, is 0. Or every gain of every norm is exactly 1, and every shift exactly 0: that is how norms begin wherever
    /// transformers are initialised, and one step of any optimiser moves them.
    public var untrainedBecause: String? {
        if trainingSteps == 0 { return "training.step is 0" }
        let norms = layers.flatMap { [$0.attentionNorm, $0.feedForwardNorm] } + [finalNorm]
        let isInitial = norms.allSatisfy { norm in
            norm.gamma.values.allSatisfy { $0 == 1 } && norm.beta.map { $0.values.allSatisfy { $0 == 0 } } ?? true
        }
        return isInitial ? "the norms of all layers are as they are initialised" : nil
    }
}
