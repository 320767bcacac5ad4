internal import Foundation
internal import Records
internal import Reports

/// A job and everything that it has told.
struct Job: Sendable {
    enum State: String, Codable, Sendable {
        case running
        /// The run is kept.
        case finished
        /// It ended by itself, and not well.
        case failed
        case cancelled
    }

    /// 1 for the first job of this server.
    let number: Int
    let request: RunRequest
    let started: Date
    var ended: Date?
    var state = State.running
    /// What the program said last, where it failed.
    var message: String?
    /// The id of the run that it kept.
    var run: String?
    var events: [RunEvent] = []

    /// More than the largest suite has; what comes beyond is counted, not kept.
    static let mostEvents = 20_000

    var total: Int? { events.first { $0.event == .began }?.total }
    /// Contests that are done.
    var done: Int {
        let begun = events.last { $0.event == .contest }?.index ?? 0
        return state == .finished ? (total ?? begun) : begun
    }
    var measured: [RunEvent] { events.filter { $0.event == .measured } }
}

/// A job as the API tells of it.
struct JobRecord: Codable, Sendable {
    var id: Int
    var state: Job.State
    var request: RunRequest
    var command: String
    var started: Date
    var ended: Date?
    var run: String?
    var message: String?
    var contests: Int
    var total: Int?
    var events: Int

    init(_ job: Job) {
        id = job.number
        state = job.state
        request = job.request
        command = job.request.command
        started = job.started
        ended = job.ended
        run = job.run
        message = job.message
        contests = job.done
        total = job.total
        events = job.events.count
    }
}
