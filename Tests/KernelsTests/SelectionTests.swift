import Foundation
import Kernels
import Machine
import Tensors
import Testing

@Suite("Selection")
struct SelectionTests {
    static let topology = Topology(
        source: "made up", packages: 1, cores: [Topology.Core(package: 0, cpus: [0])],
        caches: [
            Topology.Cache(level: 1, kind: .data, bytes: 32 << 10, lineBytes: 64, ways: 8, cpus: [0]),
            Topology.Cache(level: 2, kind: .unified, bytes: 1 << 20, lineBytes: 64, ways: 8, cpus: [0]),
        ], nodes: [], cpuset: [0])

    private let decode = Attention.Problem(heads: 2, kvHeads: 2, queries: 1, keys: 64, dim: 16, causal: true)

    /// A selection that names a variant for the class of a problem.
    private func selection<Family: KernelFamily>(
        _ family: Family.Type, _ problem: Family.Problem, _ variant: String
    ) -> Selection {
        let choice = Selection.Choice(
            variant: variant, problem: "\(problem)",
            evidence: [Selection.Evidence(variant: variant, median: 10, low: 9, high: 11)], rounds: 12)
        return Selection(choices: [Family.name: [Family.problemClass(of: problem): choice]])
    }

    @Test("A class names the rows and the cache that holds the weights")
    func classes() {
        func matmul(_ m: Int, _ n: Int, _ k: Int, _ epilogue: Matmul.Epilogue = .none) -> String {
            Matmul.problemClass(of: Matmul.Problem(m: m, n: n, k: k, epilogue: epilogue), on: SelectionTests.topology)
        }
        #expect(matmul(1, 64, 64) == "f32, 1 row, weights in L1")
        #expect(matmul(12, 128, 128) == "f32, 2-12 rows, weights in L2")
        #expect(matmul(13, 128, 128) == "f32, 13-64 rows, weights in L2")
        #expect(
            matmul(65, 768, 3072, Matmul.Epilogue(bias: true)) == "f32, 65+ rows, weights in memory, epilogue")
        #expect(
            Attention.problemClass(of: decode, on: SelectionTests.topology) == "f32, 1 query, K and V in L1")
        #expect(
            QuantizedMatmul.problemClass(
                of: QuantizedMatmul.Problem(.q4_0, tokens: 1, inputs: 768, outputs: 768),
                on: SelectionTests.topology) == "q4_0, 1 row, weights in L2")
    }

    @Test("The selection decides where its variant takes the problem; else the first of the catalog that does")
    func resolution() throws {
        let measured = try Attention.resolve(
            decode, selection: selection(Attention.self, decode, "lanes"), features: [])
        #expect(measured.variant.name == "lanes")
        #expect(measured.reason == .measured)
        // A variant that this processor lacks, and one that is no more.
        for name in ["decode__avx512", "removed"] {
            let other = try Attention.resolve(
                decode, selection: selection(Attention.self, decode, name), features: [])
            let first = Attention.variants.first { $0.reasonToSkip(decode, on: []) == nil }
            #expect(other.reason == .catalog)
            #expect(other.variant.name == first?.name)
        }
        // What refuses a problem is not called with it: decode takes 8 queries at most.
        let prefill = Attention.Problem(heads: 1, kvHeads: 1, queries: 65, keys: 65, dim: 16, causal: true)
        for name in Attention.variants.map(\.name) {
            let chosen = try Attention.resolve(
                prefill, selection: selection(Attention.self, prefill, name), features: CPU.features)
            #expect(chosen.variant.reasonToSkip(prefill, on: CPU.features) == nil)
        }
    }

    @Test("What is forced is used, by its name or the part before the instruction set, or refused in a line")
    func forced() throws {
        let lanes = selection(Attention.self, decode, "lanes")
        let force = try ForcedVariants("attention=reference,softmax=lanes")
        #expect(force.names == ["attention": "reference", "softmax": "lanes"])
        let resolved = try Attention.resolve(decode, selection: lanes, features: CPU.features, forced: force)
        #expect(resolved.variant.name == "reference")
        #expect(resolved.reason == .forced)
        #expect(try ForcedVariants(nil) == ForcedVariants.none)
        #expect(
            try Matmul.resolve(
                Matmul.Problem(m: 1, n: 1, k: 1), selection: .none, forced: force
            ).reason == .catalog)
        let flash = Attention.variants.first { $0.name.hasPrefix("flash__") }
        if let flash, flash.reasonToSkip(decode, on: CPU.features) == nil {
            let idea = try Attention.resolve(decode, selection: lanes, forced: ForcedVariants("attention=flash"))
            #expect(idea.variant.name.hasPrefix("flash__"))
        }
        let vector = try ForcedVariants("attention=flash")
        #expect(throws: ForceError.self) {
            try Attention.resolve(decode, selection: .none, features: [], forced: vector)
        }
    }

    @Test(
        "A forced name that is none names what there is",
        arguments: [
            ("attention", "family=variant is expected"), ("atention=naive", "there is no family atention"),
            ("attention=naive", "it has"), ("matmul=lanes,matmul=lanes", "twice"),
        ])
    func wrongForce(text: String, reason: String) throws {
        let error = try #require(throws: ForceError.self) { try ForcedVariants(text) }
        #expect(error.description.hasPrefix("MGBENCH_FORCE: \(text.split(separator: ",").last ?? "")"))
        #expect(error.description.contains(reason))
    }

    @Test("A selection survives its round trip through JSON")
    func coding() throws {
        let selection = selection(Attention.self, decode, "lanes")
        #expect(try JSONDecoder().decode(Selection.self, from: JSONEncoder().encode(selection)) == selection)
        #expect(selection.choice(for: Attention.self, decode)?.rounds == 12)
        #expect(Selection.none.choice(for: Attention.self, decode) == nil)
    }
}
