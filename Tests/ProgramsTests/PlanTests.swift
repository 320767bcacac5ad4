import Foundation
import Kernels
import Tensors
import Testing

@testable import Programs

/// A machine without kernels: every step has a variant of its own name, and some scratch.
struct PaperTarget: PlanTarget {
    var workers = 2
    var operands = NumberFormat.f32
    var scratch = 1000

    func choose(for work: Step.Work, in phase: Phase) throws(PlanError) -> StepChoice {
        switch work {
        case .norm, .linear, .promptAttention, .cachedAttention:
            StepChoice(variant: work.kind, workspaceBytes: scratch)
        default: StepChoice()
        }
    }
}

/// A decoder of one layer: norms, heads that share keys, a gate, a tied head.
func smallGraph(layers: Int = 1, format: ElementFormat = .f32, isGated: Bool = true) -> Graph {
    var graph = Graph("small")
    let heads = HeadLayout(heads: 4, kvHeads: 2, dim: 8)
    let table = graph.weight("token_embd.weight", [50, 32], format)
    let gain = graph.weight("gain", [32], .f32)
    let cache = graph.cache(layers: layers, heads: heads)
    let tokens = graph.tokens()
    func norm(_ x: ValueID, _ name: String) -> ValueID {
        graph.norm(x, .rmsNorm, epsilon: 1e-5, gain: gain, shift: nil, as: name)
    }
    func linear(_ x: ValueID, _ name: String, _ inputs: Int, _ outputs: Int) -> ValueID {
        graph.linear(x, graph.weight(name + ".weight", [outputs, inputs], format), bias: nil, as: name)
    }
    var x = graph.embed(tokens, in: table)
    for layer in 0..<layers {
        let name = "blk.\(layer)"
        var y = norm(x, "\(name).attn_norm")
        let rotary = Rotary(base: 10_000, rotated: 8, halves: true, scale: 1)
        let q = linear(y, "\(name).attn_q", 32, 32)
        let k = linear(y, "\(name).attn_k", 32, 16)
        let v = linear(y, "\(name).attn_v", 32, 16)
        y = graph.attention(
            graph.rotary(q, rotary, dim: 8, as: "\(name).q"), graph.rotary(k, rotary, dim: 8, as: "\(name).k"), v,
            cache: cache, AttentionOptions(heads: heads, layer: layer, mask: .causal), as: "\(name).attention")
        y = linear(y, "\(name).attn_output", 32, 32)
        x = graph.add(x, y, as: "\(name).attn_sum")
        y = norm(x, "\(name).ffn_norm")
        if isGated {
            let gate = linear(y, "\(name).ffn_gate", 32, 48)
            let up = linear(y, "\(name).ffn_up", 32, 48)
            y = graph.gate(gate, up, as: "\(name).gate")
        } else {
            y = graph.activation(linear(y, "\(name).ffn_up", 32, 48), .gelu, as: "\(name).activation")
        }
        y = linear(y, "\(name).ffn_down", 48, 32)
        x = graph.add(x, y, as: "\(name).ffn_sum")
    }
    x = norm(x, "output_norm")
    return graph.returning(graph.linear(graph.select(x), table, bias: nil, as: "logits"))
}

@Suite("Transformer: graph and plan")
struct TransformerPlanTests {
    private func plan(_ phase: Phase, _ graph: Graph = smallGraph(), workers: Int = 2) throws -> Plan {
        try Plan(graph, phase: phase, target: PaperTarget(workers: workers))
    }

    @Test("A graph and a plan survive being written and read")
    func coding() throws {
        let graph = smallGraph(format: .quantized(.q4_1))
        let read = try JSONDecoder().decode(Graph.self, from: try JSONEncoder().encode(graph))
        #expect(read == graph)
        let plan = try plan(.mixed(rows: 8, drawn: 2), graph)
        let again = try JSONDecoder().decode(Plan.self, from: try JSONEncoder().encode(plan))
        #expect(again == plan)
    }

    @Test("A listing names every operation, with shapes and formats")
    func listing() {
        let text = smallGraph(format: .bf16).description
        #expect(text.contains("blk.0.attn_norm [rows, 32] = norm rmsnorm(embedding, gain f32)"))
        #expect(text.contains("logits [drawn, 50] = linear(drawn, token_embd.weight bf16)"))
        #expect(text.split(separator: "\n").count == smallGraph().operations.count + 2)
    }

    @Test("A chunk of a prompt: sums in norms, products of one input as one, attention by heads")
    func prompt() throws {
        let plan = try plan(.prompt(rows: 16))
        #expect(
            plan.steps.map(\.name) == [
                "embedding", "blk.0.attn_norm", "blk.0.attn_q,k,v", "blk.0.q", "blk.0.attention",
                "blk.0.attention by rows", "blk.0.attn_output", "blk.0.ffn_norm", "blk.0.ffn_gate,up", "blk.0.gate",
                "blk.0.ffn_down", "output_norm", "drawn", "logits",
            ])
        #expect(plan.steps[plan.head].name == "drawn")
        // Every operation of the graph is in exactly one step, but those that only name a part.
        let covered = plan.steps.flatMap(\.operations).sorted()
        #expect(Set(covered).count == covered.count)
        #expect(covered.count == smallGraph().operations.count)
    }

    @Test("A single token: cheap steps by every worker before a product, five barriers a layer")
    func generated() throws {
        let plan = try plan(.generated(rows: 1))
        #expect(
            plan.steps.map(\.kind) == [
                "embed", "norm + linear 32→64", "attention", "merge + linear 32→32", "norm + linear 32→96",
                "gate + linear 48→32", "norm + linear 32→50",
            ])
        for step in plan.steps {
            for inner in step.before {
                #expect(inner.work.locations.writes.allSatisfy { plan.buffers[$0.buffer].isOfEachWorker })
            }
        }
    }

    @Test("A few generated tokens store their keys first; many share the cheap steps")
    func several() throws {
        let few = try plan(.generated(rows: 8))
        #expect(few.steps.filter { $0.work.kind == "heads" }.count == 1)
        #expect(few.steps.contains { !$0.before.isEmpty })
        let many = try plan(.generated(rows: 40))
        #expect(many.steps.allSatisfy { $0.before.isEmpty })
    }

    @Test("A trace keeps every value apart, and leaves the activation open")
    func traced() throws {
        let graph = smallGraph(isGated: false)
        let folded = try plan(.prompt(rows: 4), graph)
        #expect(!folded.steps.contains { $0.work.kind == "activation" })
        let traced = try plan(Phase.prompt(rows: 4).traced, graph)
        #expect(traced.steps.contains { $0.work.kind == "activation" })
        let ranges = traced.buffers.map { $0.offset..<$0.offset + traced.bytes(of: $0) }.sorted {
            $0.lowerBound < $1.lowerBound
        }
        for (a, b) in zip(ranges, ranges.dropFirst()) { #expect(a.upperBound <= b.lowerBound) }
    }

    @Test("Weights in bf16 have their rows rounded, once for all workers or by each")
    func rounding() throws {
        let prompt = try plan(.prompt(rows: 4), smallGraph(format: .bf16))
        #expect(prompt.steps.filter { $0.work.kind == "rounding" }.count == 5)
        let single = try plan(.generated(rows: 1), smallGraph(format: .bf16))
        #expect(single.steps[1].kind == "norm + rounding + linear 32→64")
    }

    @Test(
        "Buffers that are alive together share no byte; the arena is at most 5 % above what is alive",
        arguments: [
            Phase.prompt(rows: 64, drawn: 4), .generated(rows: 1), .generated(rows: 8), .mixed(rows: 64, drawn: 8),
        ],
        [1, 3])
    func liveness(_ phase: Phase, workers: Int) throws {
        for format in [ElementFormat.f32, .bf16] {
            let plan = try plan(phase, smallGraph(layers: 3, format: format), workers: workers)
            for (i, a) in plan.buffers.enumerated() {
                for b in plan.buffers.dropFirst(i + 1) where a.life.overlaps(b.life) {
                    let apart =
                        a.offset + plan.bytes(of: a) <= b.offset || b.offset + plan.bytes(of: b) <= a.offset
                    #expect(apart, "\(a.name) and \(b.name)")
                }
            }
            #expect(plan.arenaBytes >= plan.liveBytes)
            #expect(Double(plan.arenaBytes) <= 1.05 * Double(plan.liveBytes))
            // Nothing is read before it is written, or after its place is another's.
            var written: Set<Int> = []
            for (index, step) in plan.steps.enumerated() {
                for inner in step.before + [step] {
                    let (reads, writes) = inner.work.locations
                    for location in reads {
                        #expect(written.contains(location.buffer), "\(inner.name)")
                        #expect(plan.buffers[location.buffer].life.contains(index))
                    }
                    written.formUnion(writes.map(\.buffer))
                }
            }
        }
    }

    @Test("What cannot be planned is refused by name")
    func refused() {
        var graph = Graph("sum")
        let tokens = graph.tokens()
        let x = graph.embed(tokens, in: graph.weight("table", [3, 4], .f32))
        let sum = graph.add(x, x, as: "twice")
        let whole = graph.returning(graph.linear(sum, graph.weight("w", [2, 4], .f32), bias: nil, as: "y"))
        #expect(throws: PlanError("twice: a sum is computed by the norm that reads it first, and none does")) {
            _ = try Plan(whole, phase: .prompt(rows: 1), target: PaperTarget())
        }
    }

    @Test("The cost of a pass: two operations for each weight and row, and each weight once")
    func cost() {
        let graph = smallGraph(format: .quantized(.q8_0))
        let head = graph.operations[graph.operations.count - 1]
        let cost = graph.cost(of: head, rows: 7, keys: 7, drawn: 2)
        #expect(cost.operations == Double(2 * 2 * 50 * 32))
        #expect(cost.bytes >= Double(50 * 34))
        let attention = graph.operations.first { if case .attention = $0.kind { true } else { false } }
        #expect(attention.map { graph.cost(of: $0, rows: 3, keys: 3).operations } == Double(4 * 8 * 4 * (1 + 2 + 3)))
    }
}
