internal import CKernels
internal import CMachine
internal import Machine

/// When each worker began, ended and was released from each step of passes: what the probed loop writes, and the plain loop
/// has no branch for.
///
/// Each worker writes into a ring of its own that exists before the first pass; if it is full, the oldest records go, and
/// `dropped` says how many.
public final class StepProbe {
    /// A worker's part of a step, in nanoseconds of the monotonic clock.
    public struct Span: Sendable, Hashable {
        public var worker: Int
        /// Of the plan's steps.
        public var step: Int
        public var begin: UInt64
        /// The worker's part is done; until `released` it waits for the others.
        public var end: UInt64
        public var released: UInt64
    }

    private let rings: UnsafeMutablePointer<mg_spans>
    private let workers: Int

    /// - Parameter capacity: records of a worker: steps times passes.
    public init(workers: Int, capacity: Int) {
        precondition(workers >= 1 && capacity >= 1, "a ring for each worker, of at least one record")
        self.workers = workers
        rings = .allocate(capacity: workers)
        for worker in 0..<workers {
            let ring = UnsafeMutablePointer<mg_span>.allocate(capacity: capacity)
            ring.initialize(repeating: mg_span(), count: capacity)
            var spans = mg_spans()
            spans.first = ring
            spans.capacity = Int64(capacity)
            (rings + worker).initialize(to: spans)
        }
    }

    deinit {
        for worker in 0..<workers { rings[worker].first.deallocate() }
        rings.deallocate()
    }

    /// Records that were overwritten.
    public var dropped: Int { (0..<workers).reduce(0) { $0 + Int(max(0, rings[$1].count - rings[$1].capacity)) } }

    /// What was recorded, a worker's spans in order.
    public var spans: [Span] {
        (0..<workers).flatMap { worker in
            let ring = rings[worker]
            return (max(0, ring.count - ring.capacity)..<ring.count).map { index in
                let span = ring.first[Int(index % ring.capacity)]
                return Span(
                    worker: worker, step: Int(span.step), begin: span.begin, end: span.end, released: span.released)
            }
        }
    }

    func run(_ program: mg_program, first: Int, on team: Team) {
        precondition(team.workers <= workers, "rings for \(workers) workers: the team has \(team.workers)")
        var probed = mg_probed_program(program: program, first: Int64(first), workers: rings)
        withUnsafePointer(to: &probed) { team.run(mg_probed_program_run, $0) }
    }
}
