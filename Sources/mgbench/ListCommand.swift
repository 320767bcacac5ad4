internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Reports

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

    func run() throws {
        let rows = SuiteListing.all
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

    func run() throws {
        let rows = KernelListing.all
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
