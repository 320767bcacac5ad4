internal import Foundation
internal import Records
internal import Reports

/// The jobs of this server: one at a time, so that nothing disturbs the timing.
actor Jobs {
    /// Why a job was not started.
    enum Refusal: Error {
        case busy(Int)
        /// Seconds to wait.
        case tooMany(Int)
        case cannotStart(String)
    }

    /// What a listener gets: an event with its place, or that the job has ended.
    enum News: Sendable {
        case event(place: Int, RunEvent)
        case ended(Job.State, run: String?, message: String?)
    }

    static let mostKept = 50
    /// Jobs that may start within a minute.
    static let mostPerMinute = 6

    private let starter: JobStarter
    private let now: @Sendable () -> Date
    private var jobs: [Job] = []
    private var count = 0
    private var starts: [Date] = []
    private var handle: JobHandle?
    private var listeners: [Int: (job: Int, continuation: AsyncStream<News>.Continuation)] = [:]
    private var nextListener = 0

    init(starter: @escaping JobStarter, now: @escaping @Sendable () -> Date = { Date() }) {
        self.starter = starter
        self.now = now
    }

    // MARK: - Reading

    /// The latest first.
    var all: [Job] { jobs.reversed() }
    var running: Job? { jobs.last { $0.state == .running } }
    func job(_ number: Int) -> Job? { jobs.first { $0.number == number } }
    var listenerCount: Int { listeners.count }

    // MARK: - Starting and ending

    /// - Throws: `Refusal`.
    func start(_ request: RunRequest) throws -> Job {
        if let running { throw Refusal.busy(running.number) }
        let moment = now()
        starts.removeAll { moment.timeIntervalSince($0) >= 60 }
        guard starts.count < Jobs.mostPerMinute else {
            throw Refusal.tooMany(max(1, Int((60 - moment.timeIntervalSince(starts[0])).rounded(.up))))
        }
        count += 1
        let number = count
        // One stream, one reader: lines stay in their order.
        let (news, feed) = AsyncStream<Told>.makeStream()
        do {
            handle = try starter(
                request, { feed.yield(.line($0)) },
                { code, message in
                    feed.yield(.ended(code, message))
                    feed.finish()
                })
        } catch {
            throw Refusal.cannotStart("\(error)")
        }
        starts.append(moment)
        let job = Job(number: number, request: request, started: moment)
        jobs.append(job)
        if jobs.count > Jobs.mostKept { jobs.removeFirst(jobs.count - Jobs.mostKept) }
        Task { for await item in news { self.receive(item, of: number) } }
        return job
    }

    /// Asks a running job to end. False if there is no such job or it has ended.
    func cancel(_ number: Int) -> Bool {
        guard let place = jobs.firstIndex(where: { $0.number == number }), jobs[place].state == .running else {
            return false
        }
        isCancelling = number
        handle?.cancel()
        return true
    }

    private var isCancelling: Int?
    private var waiters: [CheckedContinuation<Void, Never>] = []

    /// Ends what runs, and returns once it has: for the end of the server.
    func stop() async {
        guard let running else { return }
        _ = cancel(running.number)
        await withCheckedContinuation { waiters.append($0) }
    }

    private enum Told: Sendable {
        case line(Data)
        case ended(Int32, String)
    }

    private func receive(_ told: Told, of number: Int) {
        guard let place = jobs.firstIndex(where: { $0.number == number }) else { return }
        switch told {
        case .line(let data):
            guard let event = try? JSONDecoder().decode(RunEvent.self, from: data) else { return }
            if event.event == .kept { jobs[place].run = event.run }
            guard event.event != .sampled, jobs[place].events.count < Job.mostEvents else {
                // Progress within a variant is news, and nothing to keep.
                tell(.event(place: jobs[place].events.count, event), of: number)
                return
            }
            jobs[place].events.append(event)
            tell(.event(place: jobs[place].events.count, event), of: number)
        case .ended(let code, let message):
            handle = nil
            jobs[place].ended = now()
            let isCancelled = isCancelling == number
            isCancelling = nil
            // A variant that is wrong ends with 3, and the run is kept all the same.
            jobs[place].state =
                jobs[place].run != nil && !isCancelled ? .finished : isCancelled ? .cancelled : .failed
            if code != 0, !message.isEmpty { jobs[place].message = String(message.suffix(600)) }
            tell(.ended(jobs[place].state, run: jobs[place].run, message: jobs[place].message), of: number)
            for (key, listener) in listeners where listener.job == number {
                listener.continuation.finish()
                listeners[key] = nil
            }
            waiters.forEach { $0.resume() }
            waiters = []
        }
    }

    // MARK: - Listening

    /// What a job tells from its event `after` on. A listener that is slow loses the oldest news that wait for it.
    func listen(_ number: Int, after place: Int) -> (key: Int, news: AsyncStream<News>)? {
        guard let job = job(number) else { return nil }
        let (news, continuation) = AsyncStream<News>.makeStream(bufferingPolicy: .bufferingNewest(Job.mostEvents))
        nextListener += 1
        for (index, event) in job.events.enumerated().dropFirst(max(0, place)) {
            continuation.yield(.event(place: index + 1, event))
        }
        if job.state == .running {
            listeners[nextListener] = (number, continuation)
        } else {
            continuation.yield(.ended(job.state, run: job.run, message: job.message))
            continuation.finish()
        }
        return (nextListener, news)
    }

    func leave(_ key: Int) {
        listeners[key]?.continuation.finish()
        listeners[key] = nil
    }

    /// Ends every stream, so that connections can close.
    func dismiss() {
        for key in Array(listeners.keys) { leave(key) }
    }

    private func tell(_ news: News, of number: Int) {
        for listener in listeners.values where listener.job == number { listener.continuation.yield(news) }
    }
}
