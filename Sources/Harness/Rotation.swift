/// The order in which the subjects of a contest are sampled, round after round.
///
/// Two rounds are one period: the second goes through the first backwards (ABBA), so that every subject has the same
/// mean place in time and a linear drift of the machine favours none. From period to period the order is turned by one,
/// so that none always follows the same other.
struct Rotation {
    /// The places 0 ..< `count` in the order of round `round`.
    static func order(count: Int, round: Int) -> [Int] {
        let turned = (0..<count).map { ($0 + round / 2) % count }
        return round.isMultiple(of: 2) ? turned : turned.reversed()
    }

    /// The order in which the subjects begin: drawn from the seed, the same for the same seed (splitmix64).
    static func beginning(count: Int, seed: UInt64) -> [Int] {
        var order = Array(0..<count)
        var state = seed
        for last in stride(from: count - 1, to: 0, by: -1) {
            state &+= 0x9E37_79B9_7F4A_7C15
            var draw = state
            draw = (draw ^ (draw >> 30)) &* 0xBF58_476D_1CE4_E5B9
            draw = (draw ^ (draw >> 27)) &* 0x94D0_49BB_1331_11EB
            draw ^= draw >> 31
            order.swapAt(last, Int(draw % UInt64(last + 1)))
        }
        return order
    }
}
