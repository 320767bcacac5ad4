internal import Glibc
public import Records

/// Base against head, round by round, each round in balanced order with one shared number of calls.
///
/// A round is base, head, head, base, head, base, base, head, or the same with the sides exchanged: the Thue–Morse order,
/// in which neither a linear nor a quadratic drift of the machine moves one side more than the other. A coin decides who
/// begins. Rounds are grouped into epochs, each of which sets both sides up anew. What is left of place and memory then
/// falls on either side with the same probability in every epoch: two equal sides differ by chance only (Fisher's
/// randomisation), and that is all that the sign test of `PairedSeries` supposes.
public final class Duel {
    /// What one round saw: four batches of each side.
    public struct Round: Sendable, Equatable {
        /// Nanoseconds of a batch: the geometric mean of the side's four.
        public var base: Double
        public var head: Double
        public var paired: PairedSeries.Round

        /// - Parameters:
        ///   - stolen: whether the hypervisor took CPU time during the round, which both sides then share.
        public init(base: [Observation], head: [Observation], epoch: Int, stolen: Bool) {
            func mean(_ batches: [Observation]) -> Double {
                batches.reduce(0) { $0 + log($1.nanoseconds) } / Double(batches.count)
            }
            let (a, b) = (mean(base), mean(head))
            self.base = exp(a)
            self.head = exp(b)
            paired = PairedSeries.Round(
                logRatio: b - a, epoch: epoch,
                disturbedBase: stolen || base.contains(where: \.isDisturbed),
                disturbedHead: stolen || head.contains(where: \.isDisturbed))
        }
    }

    private let base: any Arm
    private let head: any Arm
    private let instruments: Instruments
    private let callsMultiple: Int
    /// Calls of one batch, the same for both sides. Chosen at the first epoch.
    public private(set) var calls: Int
    /// Nanoseconds for a call as calibrated: the slower side.
    public private(set) var callNanoseconds = 0.0
    private var epoch: Int

    /// - Parameters:
    ///   - callsMultiple: the number of calls of a batch is a multiple of it.
    ///   - calls: calls of a batch, where an earlier duel of the same row has chosen them.
    ///   - epoch: the number of the first epoch.
    public init(
        base: any Arm, head: any Arm, callsMultiple: Int = 1, calls: Int? = nil, epoch: Int = 0,
        instruments: Instruments = .machine
    ) {
        self.calls = calls ?? 0
        self.epoch = epoch - 1
        self.callsMultiple = callsMultiple
        self.base = base
        self.head = head
        self.instruments = instruments
    }

    /// Sets both sides up anew, each first in turn, and at the first time chooses the number of calls.
    ///
    /// - Parameter batchNanoseconds: how long a batch should be.
    public func beginEpoch(batchNanoseconds: Double) throws {
        epoch += 1
        try reopen()
        guard calls == 0 else { return }
        callNanoseconds = max(try base.calibrate(), try head.calibrate())
        let fitting = batchNanoseconds / max(callNanoseconds, 0.01) / Double(callsMultiple)
        calls = max(1, Int(fitting.rounded(.up))) * callsMultiple
    }

    /// Sets both sides up anew within the same epoch. All memory is given back before any is taken, and a coin decides
    /// who takes first: so which side has the luckier addresses is drawn anew, independently of all that went before. One
    /// batch of each is not counted: it finds the caches cold.
    public func reopen() throws {
        epoch = max(0, epoch)
        for arm in Bool.random() ? [base, head] : [head, base] { try arm.retire() }
        for arm in Bool.random() ? [base, head] : [head, base] { try arm.open() }
        guard calls > 0 else { return }
        for arm in Bool.random() ? [base, head] : [head, base] { _ = try arm.sample(calls: calls) }
    }

    /// Nanoseconds that a round will take, as far as is known.
    public var roundNanoseconds: Double { 8 * Double(calls + 1) * callNanoseconds }

    /// Takes one round.
    public func round() throws -> Round {
        let stolen = instruments.stolenTicks()
        var (a, b): ([Observation], [Observation]) = ([], [])
        let basesPlaces = Bool.random() ? [0, 3, 5, 6] : [1, 2, 4, 7]
        for place in 0..<8 {
            if basesPlaces.contains(place) {
                a.append(try base.sample(calls: calls))
            } else {
                b.append(try head.sample(calls: calls))
            }
        }
        return Round(base: a, head: b, epoch: epoch, stolen: instruments.stolenTicks() != stolen)
    }
}

/// How a duel spends its time.
public struct DuelPlan: Sendable {
    public var budgetNanoseconds: Double
    /// Length of one batch.
    public var batchNanoseconds: Double
    /// Rounds between two set-ups.
    public var roundsPerEpoch: Int
    /// Rounds at most.
    public var maximumRounds: Int
    /// Rounds that even a slow kernel gets, whatever the budget: in a table of a hundred rows at 99.9 %, fewer could not
    /// show anything.
    public static let fewestRounds = 24

    public init(
        budgetNanoseconds: Double, batchNanoseconds: Double = 200_000, roundsPerEpoch: Int = 1,
        maximumRounds: Int = 3000
    ) {
        self.budgetNanoseconds = budgetNanoseconds
        self.batchNanoseconds = batchNanoseconds
        self.roundsPerEpoch = roundsPerEpoch
        self.maximumRounds = maximumRounds
    }

    /// Rounds that fit into the budget.
    public func rounds(each nanoseconds: Double) -> Int {
        let fitting = Int(min(Double(maximumRounds), budgetNanoseconds / max(nanoseconds, 1)))
        return max(DuelPlan.fewestRounds, fitting)
    }
}
