/// One axis of `--sweep`: a name and the sizes that it goes through.
public struct SweepAxis: Codable, Sendable, Equatable {
    public let name: String
    public let values: [Int]

    public init(name: String, values: [Int]) {
        self.name = name
        self.values = values
    }

    /// All combinations of the axes' sizes; one empty combination if there is no axis.
    public static func combinations(_ axes: [SweepAxis]) -> [[(axis: String, value: Int)]] {
        axes.reduce([[]]) { combinations, axis in
            combinations.flatMap { combination in axis.values.map { combination + [(axis.name, $0)] } }
        }
    }
}

extension RunRequest {
    /// Parses `seq=32..4096x2,tokens=1,8,64,dim=64..128+32`: doubling, a list, and steps.
    ///
    /// - Throws: `UsageError` quoting the part that is wrong and showing the three forms.
    public static func sweep(_ text: String?) throws(UsageError) -> [SweepAxis] {
        var axes: [SweepAxis] = []
        for part in list(text) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if sides.count == 2, !sides[0].isEmpty {
                axes.append(SweepAxis(name: sides[0], values: try sizes(sides[1], in: part)))
            } else if sides.count == 1, let last = axes.popLast() {
                axes.append(SweepAxis(name: last.name, values: last.values + (try sizes(part, in: part))))
            } else {
                throw malformed(part)
            }
        }
        let points = axes.reduce(1) { $0.multipliedReportingOverflow(by: $1.values.count).partialValue }
        guard points <= 4096 else { throw UsageError("--sweep: \(points) combinations are more than 4096") }
        return axes
    }

    private static func malformed(_ part: String) -> UsageError {
        UsageError("--sweep \(part): expected name=FROM..TOxFACTOR, name=FROM..TO+STEP or name=SIZE,SIZE")
    }

    private static func sizes(_ text: String, in part: String) throws(UsageError) -> [Int] {
        let limit = 1 << 24
        guard let range = text.firstRange(of: "..") else {
            guard let size = Int(text), (0...limit).contains(size) else { throw malformed(part) }
            return [size]
        }
        let rest = text[range.upperBound...]
        guard
            let sign = rest.firstIndex(where: { $0 == "x" || $0 == "+" }),
            let from = Int(text[..<range.lowerBound]), let to = Int(rest[..<sign]),
            let step = Int(rest[rest.index(after: sign)...]),
            from >= 0, to >= from, to <= limit, step >= (rest[sign] == "x" ? 2 : 1), rest[sign] == "+" || from > 0
        else { throw malformed(part) }
        var values: [Int] = []
        var value = from
        while value <= to, values.count <= 4096 {
            values.append(value)
            value = rest[sign] == "x" ? value * step : value + step
        }
        return values
    }
}
