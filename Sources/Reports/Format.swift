public import Foundation

/// The one place where numbers become text. Terminal, Markdown and HTML all call it, so they cannot disagree;
/// CSV and JSON carry the numbers themselves.
public enum Format {
    /// What stands where there is no number.
    public static let none = "–"

    // MARK: - Time

    /// A duration in nanoseconds with four significant digits and the unit that fits: `812.3 ns`, `1.234 ms`.
    public static func duration(nanoseconds: Double) -> String {
        scaled(nanoseconds, units: [("ns", 1), ("µs", 1e3), ("ms", 1e6), ("s", 1e9)], digits: 4)
    }

    /// Seconds of wall time, for people: `48.2 s`, `3 min 12 s`, `1 h 04 min`.
    public static func wallTime(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return none }
        if seconds < 59.95 { return String(format: "%.1f s", seconds) }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
        return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
    }

    /// A moment in UTC: `2026-08-20 14:03:12 UTC`.
    public static func moment(_ date: Date) -> String {
        date.formatted(.iso8601.year().month().day().dateSeparator(.dash)) + " "
            + date.formatted(.iso8601.time(includingFractionalSeconds: false).timeSeparator(.colon)) + " UTC"
    }

    // MARK: - Rates and sizes

    /// What the operations of a problem are counted in.
    public enum Operation: String, Sendable {
        case floating = "FLOP"
        case integer = "OP"
    }

    /// Operations a second: `142 GFLOP/s`, `0.95 GFLOP/s`. Giga throughout, so that a column can be compared by eye.
    public static func rate(perSecond: Double, of operation: Operation = .floating) -> String {
        giga(perSecond, unit: "\(operation.rawValue)/s")
    }

    /// Other things a second: `218 tokens/s`, `14.2 M tokens/s`.
    public static func rate(perSecond: Double, unit: String) -> String {
        let units = [("\(unit)/s", 1.0), ("k \(unit)/s", 1e3), ("M \(unit)/s", 1e6), ("G \(unit)/s", 1e9)]
        return scaled(perSecond, units: units, digits: 3)
    }

    /// Bytes a second, decimal: `21.3 GB/s`.
    public static func bandwidth(bytesPerSecond: Double) -> String { giga(bytesPerSecond, unit: "B/s") }

    /// Hertz: `3.70 GHz`.
    public static func frequency(hertz: Double) -> String { giga(hertz, unit: "Hz") }

    /// Bytes in binary units: `512 B`, `32.0 KiB`, `1.00 MiB`.
    public static func bytes(_ count: Double) -> String {
        if count.isFinite, abs(count) < 1024 { return "\(Int(count.rounded())) B" }
        let units = [("KiB", 1024.0), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776)]
        return scaled(count, units: units, digits: 3, step: 1024)
    }

    /// Bytes in binary units, of a size that is a whole number.
    public static func bytes(_ count: Int) -> String { bytes(Double(count)) }

    /// A whole count with its thousands set apart: `1,048,576`.
    public static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return value < 0 ? "-\(text)" : text
    }

    /// `1 thread`, `2 threads`.
    public static func threads(_ count: Int) -> String { count == 1 ? "1 thread" : "\(count) threads" }

    // MARK: - Shares and ratios

    /// A share as a percentage: 0.613 is `61.3 %`, 0.0042 is `0.42 %`, 1.03 is `103 %`.
    public static func percent(_ share: Double) -> String {
        guard share.isFinite else { return none }
        let value = share * 100
        let size = abs(value)
        if size == 0 { return "0 %" }
        if size < 0.005 { return value < 0 ? "> -0.01 %" : "< 0.01 %" }
        return String(format: size < 0.995 ? "%.2f %%" : size < 99.95 ? "%.1f %%" : "%.0f %%", value)
    }

    /// A share with its sign: `+2.1 %`, `-0.40 %`.
    public static func change(_ share: Double) -> String {
        if abs(share) < 0.00005 { return "0 %" }
        return share > 0 ? "+\(percent(share))" : percent(share)
    }

    /// The half width of an interval, as a share of its centre: `±0.4 %`.
    public static func spread(_ share: Double) -> String {
        guard share.isFinite else { return "±\(none)" }
        return "±\(percent(abs(share)))"
    }

    /// How many times faster: `1.84×`.
    public static func ratio(_ value: Double) -> String {
        value.isFinite ? "\(fixed(value, decimals: ratioDecimals(value)))×" : none
    }

    /// A ratio with its interval: `1.84× [1.80, 1.88]`.
    public static func ratio(_ value: Double, low: Double, high: Double) -> String {
        guard value.isFinite, low.isFinite, high.isFinite else { return ratio(value) }
        let decimals = ratioDecimals(value)
        return "\(ratio(value)) [\(fixed(low, decimals: decimals)), \(fixed(high, decimals: decimals))]"
    }

    // MARK: - Plain numbers

    /// A number with `digits` significant digits, without an exponent where it can be read without: `0.0123`, `412`.
    public static func number(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return none }
        if value == 0 { return "0" }
        let size = abs(value)
        if size < 1e-3 || size >= 1e7 { return String(format: "%.\(digits - 1)e", value) }
        return fixed(value, decimals: decimals(size, digits: digits))
    }

    /// A counter's value: whole if it is large, three digits otherwise.
    public static func reading(_ value: Double) -> String {
        guard value.isFinite else { return none }
        if abs(value) >= 1e15 { return number(value) }
        return abs(value) >= 1000 || value == value.rounded()
            ? count(Int(value.rounded())) : number(value)
    }

    /// A tick of a logarithmic axis: `0.1`, `20`, `5000`, `0.00002`.
    static func tick(_ value: Double) -> String {
        let decimals = value >= 1 ? 0 : Int((-log10(value)).rounded(.up))
        return value >= 1e6 || decimals > 5 ? String(format: "%.0e", value) : fixed(value, decimals: decimals)
    }

    // MARK: - Scaling

    private static func giga(_ value: Double, unit: String) -> String {
        guard value.isFinite else { return none }
        if value != 0, abs(value) < 5e6 {
            return scaled(value, units: [(unit, 1), ("k\(unit)", 1e3), ("M\(unit)", 1e6)], digits: 3)
        }
        let scaled = value / 1e9
        return "\(fixed(scaled, decimals: max(0, decimals(abs(scaled), digits: 3)))) G\(unit)"
    }

    /// `value` in the largest of `units` that leaves it at least 1 after rounding.
    private static func scaled(
        _ value: Double, units: [(name: String, size: Double)], digits: Int, step: Double = 1000
    ) -> String {
        guard value.isFinite else { return none }
        if value == 0 { return "0 \(units[0].name)" }
        for unit in units {
            let amount = value / unit.size
            let decimals = decimals(abs(amount), digits: digits)
            let rounded = (abs(amount) * pow(10, Double(decimals))).rounded() / pow(10, Double(decimals))
            if rounded < step || unit.name == units[units.count - 1].name {
                return "\(fixed(amount, decimals: decimals)) \(unit.name)"
            }
        }
        return none
    }

    /// Decimals that show `digits` significant digits of a positive `size`; at most `digits` of them above 0.1.
    private static func decimals(_ size: Double, digits: Int) -> Int {
        guard size > 0 else { return 0 }
        // Rounding may carry into one more digit: 9.9996 has the decimals of 10.
        let magnitude = Int(log10(size).rounded(.down))
        let decimals = digits - 1 - magnitude
        guard decimals > 0 else { return 0 }
        let rounded = (size * pow(10, Double(decimals))).rounded() / pow(10, Double(decimals))
        let carried = rounded > 0 && Int(log10(rounded).rounded(.down)) > magnitude
        return min(carried ? decimals - 1 : decimals, digits + 4)
    }

    private static func ratioDecimals(_ value: Double) -> Int {
        let size = abs(value)
        return size < 0.00995 ? 4 : size < 0.995 ? 3 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0
    }

    /// A number with so many decimals: `3.142`; never `-0.000`.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        let text = String(format: "%.\(decimals)f", value)
        // A value that rounds to zero has no sign.
        return text.first == "-" && text.allSatisfy({ "-0.".contains($0) }) ? String(text.dropFirst()) : text
    }
}
