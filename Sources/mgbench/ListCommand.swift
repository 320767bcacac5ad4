internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import Suites

/// `mgbench list`: the suites and their workloads; `mgbench list models`: the models on this machine.
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The suites and their problems, or the models on this machine.",
        subcommands: [ListSuitesCommand.self, ListModelsCommand.self], defaultSubcommand: ListSuitesCommand.self)
}

/// `mgbench list suites`, and what `mgbench list` alone does.
struct ListSuitesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "suites", abstract: "The suites, and the problems that each measures.")

    @Flag(help: "As JSON.")
    var json = false

    private struct Row: Encodable {
        var suite: String
        var summary: String
        var workloads: [Entry]
    }

    private struct Entry: Encodable {
        var name: String
        var family: String
        var problem: String
        var axes: [String: Int]
        var quick: Bool
    }

    func run() throws {
        let rows = Suite.all.map { suite in
            Row(
                suite: suite.name, summary: suite.summary,
                workloads: suite.workloads.map {
                    Entry(name: $0.name, family: $0.family, problem: $0.label, axes: $0.axes, quick: $0.quick)
                })
        }
        if json {
            try Console.print(json: rows)
            return
        }
        for row in rows {
            print("\(row.suite): \(row.summary)")
            for entry in row.workloads {
                print("    \(entry.name.padded(44))\(entry.problem)\(entry.quick ? "  (quick)" : "")")
            }
        }
    }
}

/// `mgbench kernels`: every family and variant, and whether this machine can run it.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Every kernel family and variant: kind, instruction set, and whether it runs here or why not.")

    @Flag(help: "As JSON.")
    var json = false

    private struct Row: Encodable {
        var family: String
        var variant: String
        var kind: String
        /// CPU features needed; empty for the baseline.
        var needs: [String]
        var supported: Bool
        /// Why not, where it is not supported.
        var reason: String?
        var story: String
    }

    func run() throws {
        let rows = Catalog.families.flatMap { family in KernelsCommand.rows(family) }
        if json {
            try Console.print(json: rows)
            return
        }
        for family in Catalog.families {
            print("\(family.name): \(family.summary)")
            for row in rows where row.family == family.name {
                let here = row.supported ? "" : "  [not here: \(row.reason ?? "")]"
                print("    \(row.variant.padded(26))\(row.kind.padded(11))\(row.story)\(here)")
            }
        }
    }

    private static func rows<Family: KernelFamily>(_ family: Family.Type) -> [Row] {
        Family.variants.map { variant in
            let missing = variant.needs.subtracting(CPU.features)
            return Row(
                family: Family.name, variant: variant.name, kind: variant.kind.rawValue, needs: variant.needs.names,
                supported: missing.isEmpty, reason: missing.isEmpty ? nil : "this CPU has no \(missing)",
                story: variant.story)
        }
    }
}

extension Console {
    /// Prints a value as JSON with sorted keys.
    static func print(json value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        write(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}

extension String {
    /// At least `width` characters, filled with spaces behind, and never run together with what follows.
    func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
