/// After how many rounds a sequential comparison looks at what it has.
public enum LookSchedule {
    /// From 12 rounds on, each look a quarter later than the one before, the last at the end.
    public static func looks(upTo rounds: Int) -> [Int] {
        var looks: [Int] = []
        var next = 12
        while next < rounds {
            looks.append(next)
            next = max(next + 1, next * 5 / 4)
        }
        return looks + [rounds]
    }
}
