internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Records
internal import Reports
internal import Sessions

/// `mgbench selftest`: what this harness can and cannot tell on this machine.
struct SelfTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Prove the harness on this machine: false alarms, power, coverage, overhead.",
        subcommands: [AA.self, Power.self, Overhead.self, Replay.self])

    struct AA: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "aa", abstract: "A variant against itself: how often is it called slower?")

        @Option(help: "Comparisons to make.")
        var pairs = 475

        @Flag(help: "Let another thread compute on the same CPU during the second half of each comparison.")
        var hog = false

        @Flag(help: "Let it compute only while head is sampled, never while base is.")
        var hogHead = false

        @OptionGroup var common: Common

        func run() throws {
            try common.check(pairs, "--pairs")
            guard !(hog && hogHead) else { throw Outcome.usage("--hog and --hog-head are two tests: one at a time") }
            let load: SelfTestRecord.Load = hog ? .secondHalf : hogHead ? .head : .none
            try common.measure("aa", Array(repeating: (0, load), count: pairs))
        }
    }

    struct Power: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "power", abstract: "A variant against itself with more work: how often is it found?")

        @Option(help: "Comparisons for each share of work.")
        var trials = 100

        @Option(help: "Per cent of work that the head does more, separated by commas.")
        var percent = "0,0.5,1,2,3,5"

        @OptionGroup var common: Common

        func run() throws {
            try common.check(trials, "--trials")
            let shares = try RunRequest.list(percent).map { text in
                guard let value = Double(text), value >= 0, value <= 100 else {
                    throw Outcome.usage("--percent \(text): numbers from 0 to 100 are expected")
                }
                return value / 100
            }
            // Each share in turn, so that none has the quiet part of the hour.
            try common.measure("power", (0..<trials).flatMap { _ in shares.map { ($0, .none) } })
        }
    }

    struct Overhead: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "overhead", abstract: "What the harness adds to what it measures.")

        @Flag(help: "As JSON.")
        var json = false

        func run() throws {
            let overhead = try SelfTest(rounds: 24, seed: 1, choices: .here()).overhead()
            if json {
                try Console.print(json: overhead)
                return
            }
            if let empty = overhead.emptyCall {
                let text = [empty.median, empty.low, empty.high].map { Format.fixed($0, decimals: 3) }
                print("empty kernel      \(text[0]) ns a call [\(text[1]), \(text[2])], in batches of a million")
            }
            print("two clock readings \(Format.fixed(overhead.clockPair, decimals: 1)) ns a batch")
            print("clock resolution   \(Format.fixed(overhead.clockResolution, decimals: 1)) ns")
        }
    }

    struct Replay: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay", abstract: "Judge the recorded times of an earlier self-test again.")

        @Argument(help: "A file that `selftest --record` wrote.")
        var file: String

        func run() throws {
            let record: SelfTestRecord
            do {
                let decoder = JSONDecoder()
                decoder.dateDecodingStrategy = .iso8601
                record = try decoder.decode(SelfTestRecord.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw Outcome.usage("\(file): not the record of a self-test: \(Console.oneLine("\(error)"))")
            }
            Console.write(SelfTestReport(record).text)
        }
    }

    struct Common: ParsableArguments {
        @Option(help: "Rounds of a comparison; each is eight batches of about 0.2 ms.")
        var rounds = 120

        @Option(help: "Seed of the kernel's inputs.")
        var seed: UInt64 = 1

        @Option(help: "Also write the raw times to this file, to be judged again with `selftest replay`.")
        var record: String?

        @Option(help: "The folder that keeps the report page.")
        var output = "reports"

        func check(_ count: Int, _ option: String) throws {
            guard (1...100_000).contains(count) else {
                throw Outcome.usage("\(option) \(count): a number from 1 to 100000 is expected")
            }
            guard (24...10_000).contains(rounds) else {
                throw Outcome.usage("--rounds \(rounds): a number from 24 to 10000 is expected")
            }
        }

        func measure(_ name: String, _ plan: [(moreWork: Double, load: SelfTestRecord.Load)]) throws {
            let test = try SelfTest(rounds: rounds, seed: seed, choices: .here())
            var result = test.blank
            for (index, step) in plan.enumerated() {
                result.trials.append(try test.trial(moreWork: step.moreWork, load: step.load))
                if Console.isTerminal { Console.write("\r\u{1b}[2K\(index + 1) of \(plan.count)") }
            }
            if Console.isTerminal { Console.write("\r\u{1b}[2K") }
            if let record {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                encoder.dateEncodingStrategy = .iso8601
                try encoder.encode(result).write(to: URL(fileURLWithPath: record), options: .atomic)
            }
            let report = SelfTestReport(result)
            Console.write(report.text)
            let store = RecordStore(directory: URL(fileURLWithPath: output))
            let id = try store.reserve(suite: "selftest-\(name)", at: result.started)
            // Only the page is kept under the name: the folder's JSON files are runs.
            defer { store.release(id) }
            let page = try store.save(
                Data(report.html(chartScript: ChartLibrary.script()).utf8), id: id, extension: "html")
            print("kept: \(page.relativePath)")
        }
    }
}
