internal import Harness
internal import MiniGPT
internal import Records

/// How far logits may lie from those of another order of the same computation.
///
/// L layers of four products of k values, one behind another, each move the stream by a share of itself: √k·u where sums
/// are rounded in f32; 32 values rounded to 255 steps of their greatest are off by at most √32 / (127·√12) of their size,
/// root mean square. 4L shares that know nothing of each other add up as √(4L) of one, and the farthest of many logits
/// lies six deviations out. What is not this computation at all is off by whole deviations of the logits.
struct LogitBound {
    var share: Double
    var argument: String

    init(layers: Int, inner: Int, activationsAreRounded: Bool) {
        let products = 4.0 * Double(layers)
        if activationsAreRounded {
            share = 6 * products.squareRoot() * 32.0.squareRoot() / (127 * 12.0.squareRoot())
            argument = "6·√(4L)·√32/(127·√12) of the logits' deviation: activations of 8 bits"
        } else {
            share = 6 * products * Double(inner).squareRoot() * 0x1p-24
            argument = "6·4L·√k·u of the logits' deviation: sums in f32"
        }
    }

    init(_ shape: ModelConfiguration, activationsAreRounded: Bool) {
        self.init(
            layers: shape.layers, inner: max(shape.hidden, shape.width), activationsAreRounded: activationsAreRounded)
    }

    func check(_ got: [Float], _ expected: [Float], seed: UInt64, afterTiming: Bool) -> Check {
        let count = Double(max(expected.count, 1))
        let mean = expected.reduce(0.0) { $0 + Double($1) } / count
        let deviation = (expected.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count).squareRoot()
        let bound = share * deviation
        var (worst, place, isNumber) = (0.0, 0, true)
        for index in expected.indices {
            let error = abs(Double(got[index]) - Double(expected[index]))
            if !error.isFinite {
                (place, isNumber) = (index, false)
                break
            }
            if error > worst { (worst, place) = (error, index) }
        }
        let record = VerificationRecord(
            count: expected.count, worstOfBound: isNumber && bound > 0 ? worst / bound : 0, worstError: worst,
            bound: argument, seed: seed, checkedAfterTiming: afterTiming)
        guard isNumber, worst <= bound else {
            return .wrong(
                record,
                reason: "the logit of token \(place) is \(got[place]), \(expected[place]) ± \(bound) is expected")
        }
        return .right(record)
    }
}
