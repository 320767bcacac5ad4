internal import Foundation
internal import Machine
internal import Records

/// The run so far, saved after each contest: a run that is killed has lost no more than the contest it was in.
///
/// Nothing is timed between two contests, so that encoding and writing disturb no sample.
final class Checkpoint {
    var run: Run
    private let total: Int
    private let store: RecordStore
    private let steal = HostState.cpuTime
    /// Contests that are in the file.
    private(set) var done = 0
    /// Why the run so far could not be kept; said once.
    private var failure: String?

    init(_ run: Run, contests: Int, store: RecordStore) {
        self.run = run
        self.store = store
        total = contests
    }

    /// Takes what one contest has shown, and saves.
    func add(_ measurements: [VariantRecord]) {
        run.measurements += measurements
        done += 1
        run.unfinished = RunProgress(contests: done, total: total)
        tally()
        do { try store.save(run.json(), id: run.id, extension: "json") } catch {
            failure = "the run so far could not be kept while it went: \(error.localizedDescription)"
        }
    }

    /// The whole run. Its owner saves it.
    func finished(remarks: (Run) -> [String]) -> Run {
        tally()
        run.unfinished = nil
        run.warnings += remarks(run) + (failure.map { [$0] } ?? [])
        return run
    }

    private func tally() {
        run.seconds = Date().timeIntervalSince(run.started)
        if let steal, let now = HostState.cpuTime { run.environment.steal = now.stolenShare(since: steal) }
    }
}
