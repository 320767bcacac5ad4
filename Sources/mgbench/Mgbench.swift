internal import ArgumentParser
internal import Foundation
internal import Refusals
internal import Sessions

/// The command line: parse, call one function, print. Exit codes are listed in the README.
@main
struct Mgbench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mgbench",
        abstract: "Benchmarks and profiles the kernels of a transformer: every number measured, every result verified.",
        version: "mgbench \(ProgramVersion.number)",
        subcommands: [
            RunCommand.self, ListCommand.self, KernelsCommand.self, VerifyCommand.self, PeaksCommand.self,
            TopoCommand.self, TuneCommand.self, DoctorCommand.self, ModelsCommand.self, QuantizeCommand.self,
            TokenizerCommand.self, GenerateCommand.self, ChatCommand.self, PerplexityCommand.self, BenchCommand.self,
            EmbedCommand.self, ModelCommand.self, LoadCommand.self, ReportCommand.self, CompareCommand.self,
            HistoryCommand.self, ImportCommand.self, ExportCommand.self, WebCommand.self, BaselineCommand.self,
            SelfTestCommand.self, ExplainCommand.self, NewKernelCommand.self, ArmCommand.self, CountedCommand.self,
        ])

    /// What a user should know of how a command ran, said at its end.
    nonisolated(unsafe) static var note: String?

    private static func tellNote() {
        if let note { Console.error("mgbench: note: \(note)") }
    }

    /// Parses and runs. Bad input is one line on standard error and exit code 2.
    static func main() {
        do {
            try checkArguments()
            Process.restartWithQuietBLAS()
            var command = try parseAsRoot()
            try command.run()
            Console.finish()
            tellNote()
        } catch let refusal as any Refusal {
            // Bad input is one line.
            if refusal.code != .usage { tellNote() }
            Console.error("mgbench: \(refusal.line)")
            Foundation.exit(refusal.code.rawValue)
        } catch {
            let code = exitCode(for: error)
            if code.isSuccess {
                print(fullMessage(for: error))
                Console.finish()
                Foundation.exit(0)
            }
            Console.error("mgbench: \(Console.oneLine(message(for: error)))")
            Foundation.exit(RefusalCode.usage.rawValue)
        }
    }

    /// Arguments that are no text would be changed silently on their way to a command.
    private static func checkArguments() throws {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            let bytes = UnsafeBufferPointer(start: argument, count: strlen(argument)).map { UInt8(bitPattern: $0) }
            if let place = bytes.firstInvalidUTF8 {
                throw Outcome.usage("argument \(index) is not valid UTF-8 at byte \(place): text in UTF-8 is expected")
            }
        }
    }
}
