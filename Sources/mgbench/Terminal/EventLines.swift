internal import Foundation
internal import Harness
internal import Records
internal import Reports

/// What a run does, as a line of JSON for each event: for a program that watches it, such as `mgbench web`.
final class EventLines: Observer {
    private var lastSampled = Date.distantPast
    /// Between samples, and seldom: a line a second costs nothing that could be measured.
    private static let pause = 1.0

    func receive(_ event: Event) {
        switch event {
        case .runBegan(let contests):
            var line = RunEvent(.began)
            line.total = contests
            EventLines.write(line)
        case .contestBegan(let title, let index):
            var line = RunEvent(.contest)
            line.title = title
            line.index = index
            EventLines.write(line)
        case .sampled(_, let label, let samples, let statistic, let secondsLeft):
            guard -lastSampled.timeIntervalSinceNow > EventLines.pause else { return }
            lastSampled = Date()
            var line = RunEvent(.sampled)
            line.variant = label
            line.samples = samples
            line.time = statistic.map { Format.duration(nanoseconds: $0.median) }
            line.secondsLeft = secondsLeft.isFinite ? secondsLeft.rounded(.up) : nil
            EventLines.write(line)
        case .measured(let measurement), .failed(let measurement), .skipped(let measurement):
            EventLines.write(RunEvent(measured: measurement))
        case .contestEnded, .runEnded: break
        }
    }

    static func write(_ event: RunEvent) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(event) else { return }
        Console.write(String(decoding: data, as: UTF8.self) + "\n")
    }
}
