import Foundation
import Testing

@testable import Reports

struct FormatTests {
    @Test(arguments: [
        (0.0, "0 ns"), (0.4567, "0.4567 ns"), (1, "1.000 ns"), (24.1, "24.10 ns"), (812.3, "812.3 ns"),
        (999.94, "999.9 ns"), (999.96, "1.000 µs"), (1234, "1.234 µs"), (12_340, "12.34 µs"), (123_456, "123.5 µs"),
        (999_960, "1.000 ms"), (1.5e6, "1.500 ms"), (2e9, "2.000 s"), (123e9, "123.0 s"), (99_999e9, "99999 s"),
        (-1500, "-1.500 µs"), (.nan, "–"), (.infinity, "–"),
    ])
    func durations(nanoseconds: Double, text: String) {
        #expect(Format.duration(nanoseconds: nanoseconds) == text)
    }

    @Test func aDurationReadBackIsWithinItsDigits() throws {
        let units = ["ns": 1.0, "µs": 1e3, "ms": 1e6, "s": 1e9]
        for exponent in stride(from: -1.0, to: 11, by: 0.0137) {
            let value = pow(10, exponent)
            let parts = Format.duration(nanoseconds: value).split(separator: " ")
            let number = try #require(Double(parts[0]))
            let read = number * (try #require(units[String(parts[1])]))
            #expect(abs(read / value - 1) <= 0.00051, "\(value) became \(parts)")
            #expect(number < 1000 || parts[1] == "s")
        }
    }

    @Test(arguments: [
        (142e9, "142 GFLOP/s"), (60.84e9, "60.8 GFLOP/s"), (7.4e9, "7.40 GFLOP/s"), (0.689e9, "0.689 GFLOP/s"),
        (9.999e9, "10.0 GFLOP/s"), (1234.4e9, "1234 GFLOP/s"), (0.00512e9, "0.00512 GFLOP/s"), (123_456, "123 kFLOP/s"),
        (0, "0 GFLOP/s"), (.nan, "–"),
    ])
    func rates(perSecond: Double, text: String) {
        #expect(Format.rate(perSecond: perSecond) == text)
    }

    @Test func otherRates() {
        #expect(Format.rate(perSecond: 473.1e9, of: .integer) == "473 GOP/s")
        #expect(Format.bandwidth(bytesPerSecond: 28.44e9) == "28.4 GB/s")
        #expect(Format.frequency(hertz: 3.7e9) == "3.70 GHz")
    }

    @Test(arguments: [
        (0.0, "0 B"), (1, "1 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (32768, "32.0 KiB"), (1_048_576, "1.00 MiB"),
        (1_048_575, "1.00 MiB"), (33_554_432, "32.0 MiB"), (8_123_564_032, "7.57 GiB"),
    ])
    func bytes(count: Double, text: String) {
        #expect(Format.bytes(count) == text)
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (1_048_576, "1,048,576"), (-12345, "-12,345"),
        (Int.min, "-9,223,372,036,854,775,808"),
    ])
    func counts(value: Int, text: String) {
        #expect(Format.count(value) == text)
    }

    @Test(arguments: [
        (0.0, "0 %"), (0.613, "61.3 %"), (0.042, "4.2 %"), (0.0042, "0.42 %"), (0.00001, "< 0.01 %"), (1, "100 %"),
        (0.9996, "100 %"), (1.034, "103 %"), (-0.02, "-2.0 %"), (-0.00001, "> -0.01 %"), (.nan, "–"),
    ])
    func percentages(share: Double, text: String) {
        #expect(Format.percent(share) == text)
    }

    @Test func changesHaveTheirSign() {
        #expect(Format.change(0.021) == "+2.1 %")
        #expect(Format.change(-0.004) == "-0.40 %")
        #expect(Format.change(0.000001) == "0 %" && Format.change(-0.000001) == "0 %")
    }

    @Test func spreadsOfAnIntervalWithoutAMedianAreUnknown() {
        #expect(Format.spread(0.0041) == "±0.41 %")
        #expect(Format.spread(.infinity) == "±–")
    }

    @Test(arguments: [
        (1.84, 1.8, 1.88, "1.84× [1.80, 1.88]"), (0.856, 0.839, 0.875, "0.856× [0.839, 0.875]"),
        (88.2, 86.6, 90.2, "88.2× [86.6, 90.2]"), (154, 151, 158, "154× [151, 158]"),
        (9.996, 9.9, 10.1, "10.0× [9.9, 10.1]"), (0.0121, 0.0118, 0.0123, "0.012× [0.012, 0.012]"),
        (0.00121, 0.00118, 0.00123, "0.0012× [0.0012, 0.0012]"),
    ])
    func ratios(value: Double, low: Double, high: Double, text: String) {
        #expect(Format.ratio(value, low: low, high: high) == text)
    }

    @Test func plainNumbers() {
        #expect(Format.number(0) == "0")
        #expect(Format.number(3.1e-7) == "3.10e-07")
        #expect(Format.number(0.0729) == "0.0729")
        #expect(Format.number(412.4) == "412")
        #expect(Format.number(12345.678, digits: 5) == "12346")
        #expect(Format.reading(1_572_864) == "1,572,864")
        #expect(Format.reading(1.8342) == "1.83")
        #expect(Format.reading(0) == "0")
        #expect(Format.reading(3e18) == "3.00e+18")
    }

    @Test func wallTimesAndMoments() {
        #expect(Format.wallTime(seconds: 48.17) == "48.2 s")
        #expect(Format.wallTime(seconds: 59.99) == "1 min 00 s")
        #expect(Format.wallTime(seconds: 192) == "3 min 12 s")
        #expect(Format.wallTime(seconds: 3840) == "1 h 04 min")
        #expect(Format.moment(Date(timeIntervalSince1970: 1_787_234_592)) == "2026-08-20 14:03:12 UTC")
    }

    @Test func ticksAreRound() {
        #expect([0.00002, 0.1, 0.5, 1, 20, 5000].map(Format.tick) == ["0.00002", "0.1", "0.5", "1", "20", "5000"])
    }
}
