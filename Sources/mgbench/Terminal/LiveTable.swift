internal import Foundation
internal import Harness
internal import Records
internal import Reports

/// What a run shows while it goes: on a terminal a line that is rewritten, with the time left; in a pipe a line for each
/// contest and nothing that is rewritten.
final class LiveTable: Observer {
    private let quiet: Bool
    private let rewrites = Console.isTerminal
    private var total = 0
    private var lastShown = Date.distantPast

    /// - Parameter quiet: true if the output is another format, which must stay clean.
    init(quiet: Bool) { self.quiet = quiet }

    func receive(_ event: Event) {
        guard !quiet else { return }
        switch event {
        case .runBegan(let contests): total = contests
        case .contestBegan(let title, let index):
            clear()
            print("[\(index + 1)/\(total)] \(title)")
        case .sampled(_, let label, let samples, let statistic, let secondsLeft):
            guard rewrites, -lastShown.timeIntervalSinceNow > 0.1 else { return }
            lastShown = Date()
            let median = statistic.map { ", \(Format.duration(nanoseconds: $0.median))" } ?? ""
            let left = secondsLeft.isFinite ? ", about \(Int(secondsLeft.rounded(.up))) s left" : ""
            show("    \(label): \(samples) samples\(median)\(left)")
        case .failed(let measurement), .measured(let measurement):
            clear()
            print("    \(ReportLine.text(measurement))")
        case .skipped, .contestEnded: break
        case .runEnded:
            clear()
            print("")
        }
    }

    private func show(_ text: String) {
        Console.write("\r\u{1b}[2K\(text.prefix(Console.width - 1))")
    }

    private func clear() {
        if rewrites { Console.write("\r\u{1b}[2K") }
    }
}
