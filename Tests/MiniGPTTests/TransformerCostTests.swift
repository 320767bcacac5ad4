import Foundation
import Kernels
import Machine
import Programs
import TestSupport
import Testing

@testable import MiniGPT

@Suite("Transformer: what a token costs")
struct TransformerCostTests {
    @Test(
        "The operations of the graph's products and attention are those of the configuration",
        arguments: TinyModel.Architecture.allCases, [0, 1, 63])
    func operations(_ architecture: TinyModel.Architecture, _ position: Int) throws {
        let path = try TinyModel.write(architecture)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let weights = try ModelWeights(path: path)
        let graph = weights.graph
        let counted = graph.operations.reduce(0.0) { sum, operation in
            switch operation.kind {
            case .linear, .attention: sum + graph.cost(of: operation, rows: 1, keys: position + 1).operations
            default: sum
            }
        }
        #expect(counted == Double(weights.configuration.operations(position: position)))
    }
}
