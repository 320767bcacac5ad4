internal import Glibc
public import Records

/// Base against head, round by round, each round in balanced order with one shared number of calls.
///
/// A round is base, head, head, base, head, base, base, head, and the next one has the sides exchanged: the Thue–Morse
/// order, in which neither a linear nor a quadratic drift of the machine moves one side more than the other. Rounds are
/// grouped into epochs, each of which sets both sides up anew.
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
    public private(set) var calls = 0
    /// Nanoseconds for a call as calibrated: the slower side.
    public private(set) var callNanoseconds = 0.0
    private var epoch = -1
    private var order = 0

    /// - Parameter callsMultiple: the number of calls of a batch is a multiple of it.
    public init(base: any Arm, head: any Arm, callsMultiple: Int = 1, instruments: Instruments = .machine) {
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
        for arm in Bool.random() ? [base, head] : [head, base] { try arm.open() }
        guard calls == 0 else { return }
        callNanoseconds = max(try base.calibrate(), try head.calibrate())
        let fitting = batchNanoseconds / max(callNanoseconds, 0.01) / Double(callsMultiple)
        calls = max(1, Int(fitting.rounded(.up))) * callsMultiple
    }

    /// Nanoseconds that a round will take, as far as is known.
    public var roundNanoseconds: Double { 8 * Double(calls + 1) * callNanoseconds }

    /// Takes one round.
    public func round() throws -> Round {
        let stolen = instruments.stolenTicks()
        var (a, b): ([Observation], [Observation]) = ([], [])
        let basesPlaces = order.isMultiple(of: 2) ? [0, 3, 5, 6] : [1, 2, 4, 7]
        for place in 0..<8 {
            if basesPlaces.contains(place) {
                a.append(try base.sample(calls: calls))
            } else {
                b.append(try head.sample(calls: calls))
            }
        }
        order += 1
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
    /// Rounds that even a slow kernel gets: fewer could not exclude anything.
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
