internal import ArgumentParser
internal import MiniGPT
internal import Programs

extension ModelCommand {
    /// `mgbench model plan`: what a model computes, and how a kind of pass is laid out on this machine.
    struct PlanOfModel: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "plan",
            abstract: "The graph of a model, and how a pass of it is computed here: steps, variants, memory.")

        @OptionGroup var options: ModelOptions

        @Option(help: "`prefill`: a chunk of a prompt; `decode`: a token of each text; `batch`: both; `graph`: none.")
        var phase = "decode"

        @Option(help: "Rows of the pass. Default: those of --chunk, and one where each is a text's.")
        var rows: Int?

        @Flag(help: "Keep every value, as a trace does.")
        var traced = false

        @Flag(help: "As JSON.")
        var json = false

        func run() throws {
            if let rows, !(1...1 << 16).contains(rows) {
                throw Outcome.usage("--rows \(rows): 1 to \(1 << 16) are accepted")
            }
            let weights = try options.weights()
            if phase == "graph" {
                if json { try Console.print(json: weights.graph) } else { print(weights.graph) }
                return
            }
            let phases = [
                "prefill": Phase.prompt(rows: rows ?? options.chunk), "decode": .generated(rows: rows ?? 1),
                "batch": .mixed(rows: rows ?? options.chunk, drawn: min(rows ?? options.chunk, 16)),
            ]
            guard let chosen = phases[phase] else {
                throw Outcome.usage("--phase \(phase): prefill, decode, batch or graph is expected")
            }
            let model = try options.load(weights, team: try options.team())
            let plan = try model.plan(for: traced ? chosen.traced : chosen)
            if json { try Console.print(json: plan) } else { print(plan) }
        }
    }
}
