internal import Programs
internal import Tensors

extension ModelWeights {
    /// Why the model counts as never trained; nil if it does not.
    ///
    /// Two signs are looked at. `training.step` in the metadata of its file, the steps of training that it has behind
    /// it, is 0. Or every gain of every norm is exactly 1, and every shift exactly 0: that is how norms begin wherever
    /// transformers are initialised, and one step of any optimiser moves them.
    public var untrainedBecause: String? {
        if trainingSteps == 0 { return "training.step is 0" }
        let isInitial = graph.operations.allSatisfy { operation in
            guard case .norm = operation.kind else { return true }
            return zip(operation.inputs.dropFirst(), [Float(1), 0]).allSatisfy { id, initial in
                parameters.vector(graph[id].name).values.allSatisfy { $0 == initial }
            }
        }
        return isInitial ? "the norms of all layers are as they are initialised" : nil
    }
}
