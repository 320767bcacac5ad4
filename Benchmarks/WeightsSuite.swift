internal import Entrants
internal import Foundation
internal import Kernels
internal import Records
internal import Tensors
internal import Weights

extension Suite {
    /// The same suite with a model's real tensors in place of seeded weights: every distinct shape and format of the
    /// two-dimensional tensors, at decode, at eight tokens and at prefill; or the suites of a whole model with this one.
    ///
    /// - Throws: `UsageError` for a suite that has no weights or a model that has no tensor for it; `GGUFError` and
    ///   `ModelError` for a file that cannot be read.
    public func measuring(model: String) throws -> Suite {
        if let task = ModelProblem.Task(rawValue: name) {
            _ = try ModelStore().locate(model)
            return Suite(name, "\(summary); \(model)", Suite.workloads(task, model: model))
        }
        guard ["quantized-matmul", "matmul"].contains(name) else {
            throw UsageError(
                "--weights goes with the suites matmul, quantized-matmul, prefill and decode, not with \(name)")
        }
        let path = try ModelStore().locate(model).path
        let file = try GGUFFile(path: path)
        let chosen = Suite.distinct(file.tensors)
        let workloads = chosen.flatMap {
            name == "matmul" ? Suite.plainWorkloads($0, model: model) : Suite.quantizedWorkloads($0, model: model)
        }
        guard !workloads.isEmpty else {
            throw UsageError("--weights \(model): no tensor of a format that the suite \(name) computes")
        }
        return Suite(name, "\(summary); weights of \(model)", workloads)
    }

    /// The first tensor of each shape and format, in the order of the file.
    private static func distinct(_ tensors: [GGUFTensor]) -> [GGUFTensor] {
        struct Shape: Hashable {
            var dimensions: [Int]
            var type: GGUFType
        }
        var seen: Set<Shape> = []
        return tensors.filter { tensor in
            tensor.dimensions.count == 2 && QuantizationFormat(ggufType: tensor.type.id) != nil
                && seen.insert(Shape(dimensions: tensor.dimensions, type: tensor.type)).inserted
        }
    }

    private static let tokenCounts = [(1, true), (8, false), (128, false)]

    private static func quantizedWorkloads(_ tensor: GGUFTensor, model: String) -> [Workload] {
        guard let format = QuantizationFormat(ggufType: tensor.type.id) else { return [] }
        return tokenCounts.map { tokens, quick in
            Workload(
                name: "\(model) \(tensor.name)", quick: quick,
                problem: FamilyProblem<QuantizedMatmul>(
                    QuantizedMatmul.Problem(
                        format, tokens: tokens, inputs: tensor.columns, outputs: tensor.rows),
                    source: { problem, filling in
                        // The map stays open as long as the operands that lie in it.
                        QuantizedMatmul.operands(
                            for: problem, filling: filling,
                            weights: QuantizedMatrix(
                                format, rows: tensor.rows, columns: tensor.columns, bytes: tensor.withBytes { $0 },
                                owner: tensor.file))
                    }))
        }
    }

    private static func plainWorkloads(_ tensor: GGUFTensor, model: String) -> [Workload] {
        guard let format = QuantizationFormat(ggufType: tensor.type.id) else { return [] }
        return tokenCounts.map { tokens, quick in
            Workload(
                name: "\(model) \(tensor.name)", quick: quick,
                problem: FamilyProblem<Matmul>(
                    Matmul.Problem(m: tokens, n: tensor.rows, k: tensor.columns, transposedB: true),
                    source: { problem, filling in
                        let weights = Tensor<Float>([tensor.rows, tensor.columns])
                        tensor.withBytes { format.dequantize($0, into: weights.values) }
                        return Matmul.operands(for: problem, filling: filling, weights: weights)
                    }))
        }
    }
}
