public import Kernels

/// How a pass of a graph is computed: the steps with their variants, and where each value lies.
///
/// Made in four passes: the operations are lowered to steps, variants are chosen, cheap steps are folded into the products
/// behind them, and buffers are laid out by liveness into one arena. A plan holds no memory and calls no kernel.
public struct Plan: Sendable, Hashable, Codable {
    public let graph: Graph
    public let phase: Phase
    public let workers: Int
    /// In which prompt rows' queries are laid out for attention.
    public let operands: NumberFormat
    public internal(set) var steps: [Step] = []
    public internal(set) var buffers: [Buffer] = []
    /// Where the result lies.
    public internal(set) var result: Location?
    /// The first step that computes drawn rows alone; with nothing drawn a pass ends before it.
    public internal(set) var head = 0
    /// Bytes of the arena.
    public internal(set) var arenaBytes = 0
    /// Bytes that are alive together at most: no layout takes less.
    public internal(set) var liveBytes = 0

    /// A piece of the arena.
    public struct Buffer: Sendable, Hashable, Codable {
        public var name: String
        /// Of one copy.
        public var bytes: Int
        /// Whether each worker has a copy of its own.
        public var isOfEachWorker: Bool
        /// Steps in which it is alive; -1 is before the first.
        public var life: ClosedRange<Int> = -1...(-1)
        /// In the arena.
        public var offset = 0
    }

    /// - Throws: ``PlanError`` if the graph has an operation, or the target lacks a kernel, that the pass cannot be without.
    public init(_ graph: Graph, phase: Phase, target: some PlanTarget) throws(PlanError) {
        self.graph = graph
        self.phase = phase
        workers = target.workers
        operands = target.operands
        var lowering = Lowering(graph, phase: phase)
        try lowering.run()
        steps = lowering.steps
        buffers = lowering.buffers
        result = lowering.result
        try choose(target)
        if phase.folds { try fold() }
        head = steps.firstIndex { $0.work.computesDrawnRows } ?? steps.count
        layOut()
    }

    /// A variant and scratch for every step.
    private mutating func choose(_ target: some PlanTarget) throws(PlanError) {
        for index in steps.indices {
            let choice = try target.choose(for: steps[index].work, in: phase)
            steps[index].variant = choice.variant
            if case .cachedAttention(let step) = steps[index].work {
                // What its halves leave for each other outlives the call.
                buffers[step.partials.buffer].bytes = choice.workspaceBytes
            } else if choice.workspaceBytes > 0 {
                let isFolded = phase.folds && steps[index].work.isCheap
                buffers.append(
                    Buffer(
                        name: "\(steps[index].name) scratch", bytes: choice.workspaceBytes, isOfEachWorker: isFolded))
                steps[index].workspace = buffers.count - 1
            }
        }
    }

    /// Bytes from one worker's copy to the next: whole pairs of lines, so that what one writes shares none with another.
    public static func apart(_ bytes: Int) -> Int { (bytes + 127) / 128 * 128 }

    /// Bytes of all copies of a buffer.
    public func bytes(of buffer: Buffer) -> Int {
        Plan.apart(buffer.bytes) * (buffer.isOfEachWorker ? workers : 1)
    }
}

extension Step.Work {
    var computesDrawnRows: Bool {
        switch self {
        case .gather: true
        case .linear(let step): step.rows == .drawn
        case .round(let step): step.rows == .drawn
        default: false
        }
    }
}
