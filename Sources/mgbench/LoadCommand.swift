internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Reports
internal import Weights

/// Which models of this machine are meant: what `list models` and `load` take.
struct ModelFilterOptions: ParsableArguments {
    @Option(name: [.customLong("in")], help: "Look in this folder, too; may be given several times.")
    var folders: [String] = []

    @Flag(help: "Only the model of the lowest loss.")
    var best = false

    @Flag(help: "Only the model of the most steps of training, or the newest file.")
    var latest = false

    @Option(help: "Only names with this text in them; `*` stands for any text: `shakespeare-*`.")
    var namePattern: String?

    @Option(help: "Only models whose loss is known and at most this.")
    var maxLoss: Double?

    @Option(help: "Only models of at least so many steps of training.")
    var minStep: Int?

    /// - Throws: `Outcome` if nothing passes.
    func models() throws -> [ModelFile] {
        for folder in folders {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
                throw Outcome.usage("--in \(folder): there is no such folder")
            }
        }
        let cache = ModelStore().directory.appendingPathComponent("models")
        let all = ModelFile.all(in: [cache] + folders.map { URL(fileURLWithPath: $0) })
        var filter = ModelFilter()
        filter.best = best
        filter.latest = latest
        filter.namePattern = namePattern
        filter.maximumLoss = maxLoss
        filter.minimumStep = minStep
        let found = filter.applied(to: all)
        guard !found.isEmpty else {
            let hint = all.isEmpty ? "`mgbench models pull NAME` gets one" : "`mgbench list models` shows them"
            throw Outcome.usage("none of \(all.count) models passes the filters; \(hint)")
        }
        return found
    }
}

/// `mgbench list models`: the models on this machine, and what their training left behind.
struct ListModelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models", abstract: "The models on this machine: in the cache of models, and in folders given.")

    @OptionGroup var filter: ModelFilterOptions

    @Flag(help: "More of each.")
    var info = false

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        let models = try filter.models()
        if json {
            try Console.print(json: models)
            return
        }
        for model in models { Console.line(info ? model.details : model.line) }
    }
}

/// `mgbench load`: finds a model by filters and puts it to work.
struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Find a model by filters, and show it, go on with a text, or talk to it.",
        discussion: "What follows `--` goes to `mgbench generate` or `mgbench chat`: load --best -p Hello -- --temp 0.7"
    )

    @OptionGroup var filter: ModelFilterOptions

    @Flag(help: "Show what it is; so does `load` alone.")
    var info = false

    @Option(name: [.short, .long], help: "Go on with this text.")
    var prompt: String?

    @Flag(help: "Talk to it.")
    var chat = false

    @Argument(parsing: .postTerminator, help: "Options of `generate` or `chat`.")
    var others: [String] = []

    func run() throws {
        guard prompt == nil || !chat else { throw Outcome.usage("--prompt and --chat: one of the two is accepted") }
        guard others.isEmpty || prompt != nil || chat else {
            throw Outcome.usage("\(others[0]): options behind -- go with --prompt or --chat")
        }
        let found = try filter.models()
        guard let model = found.first, found.count == 1 else {
            let names = found.prefix(6).map(\.name).joined(separator: ", ")
            throw Outcome.usage(
                "\(found.count) models pass the filters: \(names); --best, --latest or --name-pattern tells them apart")
        }
        if info || prompt == nil && !chat { Console.line(model.details) }
        if let prompt {
            let command = try GenerateCommand.parse(["--model", model.path, "--prompt", prompt] + others)
            try command.run()
        } else if chat {
            let command = try ChatCommand.parse(["--model", model.path] + others)
            try command.run()
        }
    }
}

extension ModelFile {
    fileprivate var line: String {
        let step = step.map { "step \($0)" } ?? "-"
        let loss = loss.map { "loss \(Format.fixed($0, decimals: 4))" } ?? "-"
        return name.padded(36) + architecture.padded(14) + "\(parameters)".padded(14) + step.padded(14)
            + loss.padded(14) + path
    }

    fileprivate var details: String {
        """
        \(name)
            path          \(path)
            architecture  \(architecture)
            parameters    \(parameters)
            file          \(bytes) bytes, of \(modified.ISO8601Format())
            training      \(step.map { "step \($0)" } ?? "steps unknown"), \
        \(loss.map { "loss \(Format.fixed($0, decimals: 4))" } ?? "loss unknown")
        """
    }
}
