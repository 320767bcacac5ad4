public import CMachine

/// A team of threads that runs one kernel call after another: the caller and `workers − 1` others, each on its own CPU.
///
/// Between calls the others spin for about 50 µs, then sleep. A team belongs to the thread that made it.
public final class Team: @unchecked Sendable {
    private let handle: OpaquePointer
    /// Threads, the caller included.
    public let workers: Int
    /// The CPU of each worker; empty if they are not pinned.
    public let cpus: [Int]

    /// - Parameters:
    ///   - workers: threads in all, at least 1.
    ///   - cpus: the operating system's CPU number for each worker; empty to leave placement to the system. The calling
    ///     thread is pinned to the first until the team ends.
    /// - Throws: `TeamError` if the threads cannot be made, or not on these CPUs.
    public init(workers: Int, cpus: [Int] = []) throws(TeamError) {
        precondition(workers >= 1, "a team needs at least one worker")
        precondition(cpus.isEmpty || cpus.count == workers, "\(workers) workers need as many CPUs, not \(cpus.count)")
        let places = cpus.map(Int32.init)
        guard let handle = mg_team_create(Int32(workers), places.isEmpty ? nil : places) else {
            throw TeamError(workers: workers, cpus: cpus)
        }
        self.handle = handle
        self.workers = workers
        self.cpus = cpus
    }

    deinit { mg_team_destroy(handle) }

    /// Runs `task(arguments, work)` on the first workers, and returns when all of these have. Allocates nothing.
    ///
    /// - Parameter workerLimit: how many take part at most; all if nil. The others are left alone.
    @inline(__always)
    public func run(
        _ task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void, _ arguments: UnsafeRawPointer?,
        workerLimit: Int? = nil
    ) {
        mg_team_run(handle, Int32(workerLimit ?? workers), task, arguments)
    }

    /// Runs it `times` times, one after another. Allocates nothing.
    @inline(__always)
    public func run(
        _ task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void, _ arguments: UnsafeRawPointer?,
        times: Int, workerLimit: Int? = nil
    ) {
        mg_team_repeat(handle, Int32(workerLimit ?? workers), task, arguments, Int64(times))
    }

    /// Runs it once under a name that a tool which counts instructions can find: `mg_team_run_counted`.
    public func runCounted(
        _ task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void, _ arguments: UnsafeRawPointer?,
        workerLimit: Int? = nil
    ) {
        mg_team_run_counted(handle, Int32(workerLimit ?? workers), task, arguments)
    }
}

/// The system refused the threads of a team, or their CPUs.
public struct TeamError: Error, CustomStringConvertible {
    public let workers: Int
    /// The CPU of each worker; empty if they were not to be pinned.
    public let cpus: [Int]

    public var description: String {
        let places = cpus.map(String.init).joined(separator: ", ")
        return "the system refused \(workers) threads" + (cpus.isEmpty ? "" : " on CPUs \(places)")
    }
}
