import CKernels
import CMachine
import Glibc
import Synchronization
import Testing

/// The vector exponentials against Double, over every float in [-104, 89].
@Suite struct ExpTests {
    /// An exponential of the elementwise kernels that this CPU can run.
    struct Exponential: CustomTestStringConvertible, Sendable {
        let name: String
        let kernel: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void
        let function: mg_function
        /// The largest argument that it is made for.
        let highest: Float
        var testDescription: String { name }

        func run(_ x: [Float], _ out: inout [Float], _ count: Int) {
            x.withUnsafeBufferPointer { x in
                out.withUnsafeMutableBufferPointer { out in
                    var arguments = mg_elementwise(
                        buffers: mg_buffers(), count: Int64(count), function: function,
                        x: x.baseAddress, out: out.baseAddress)
                    var alone = mg_work(index: 0, count: 1, barrier: nil)
                    kernel(&arguments, &alone)
                }
            }
        }
    }

    static let supported: [Exponential] = {
        guard let family = mg_elementwise_family()?.pointee else { return [] }
        let rows = UnsafeBufferPointer(start: family.variants, count: Int(family.count))
        return rows.filter { $0.needs & ~mg_cpu_features() == 0 }.flatMap { row in
            [("exp", MG_FUNCTION_EXP, Float.infinity), ("exp of x <= 0", MG_FUNCTION_EXP_NONPOSITIVE, 0)].map {
                Exponential(
                    name: "\($0.0), \(String(cString: row.name))", kernel: row.kernel.pointee.run, function: $0.1,
                    highest: $0.2)
            }
        }
    }()

    /// Every float of each sign; in a debug build every 257th, which is coprime to the lanes.
    #if DEBUG
        static let stride = 257
    #else
        static let stride = 1
    #endif

    @Test func somethingIsTested() {
        #expect(!Self.supported.isEmpty)
    }

    /// The exponential of Double is computed once for all variants: it costs more than they do. Floats so small that
    /// the result is 1 − 2⁻²⁶ or closer take most of the range; there 1 + x is exp(x) to 2⁻⁵².
    @Test func everyFloatIsWithinTwoUlp() {
        let worst = Mutex([String: (ulp: Double, at: Float)]())
        let chunks =
            Self.chunks(from: 0, to: Float(89).bitPattern)
            + Self.chunks(from: Float(-0.0).bitPattern, to: Float(-104).bitPattern)
        onAllCPUs(chunks.count) { chunk in
            for (name, found) in Self.worst(over: chunks[chunk]) {
                worst.withLock { if found.ulp > $0[name]?.ulp ?? -1 { $0[name] = found } }
            }
        }
        let found = worst.withLock { $0 }
        #expect(found.count == Self.supported.count)
        for (name, value) in found {
            print("\(name): at most \(value.ulp) ulp, at \(value.at)")
            #expect(value.ulp <= 2, "\(name) at \(value.at)")
        }
    }

    @Test(arguments: supported) func specialValues(_ exponential: Exponential) {
        let inputs: [Float] = [
            .nan, -.infinity, -.greatestFiniteMagnitude, -104, 0, -0.0, .leastNonzeroMagnitude, -0x1p-140, .infinity,
            1e30,
            89, .greatestFiniteMagnitude,
        ]
        let expected: [Float] = [.nan, 0, 0, 0, 1, 1, 1, 1, .infinity, .infinity, .infinity, .infinity]
        for (x, y) in zip(inputs, expected) where !(x > exponential.highest) {
            // A vector and a part of one, so that both paths are taken.
            let many = [Float](repeating: x, count: 65)
            var out = [Float](repeating: -1, count: 65)
            exponential.run(many, &out, 65)
            for value in out { #expect(value == y || value.isNaN && y.isNaN, "exp(\(x)) is \(value)") }
        }
    }

    private static func chunks(from first: UInt32, to last: UInt32) -> [ClosedRange<Int>] {
        let size = 1 << 24
        var chunks: [ClosedRange<Int>] = []
        var start = Int(first)
        while start <= Int(last) {
            chunks.append(start...min(Int(last), start + size - 1))
            start += size
        }
        return chunks
    }

    /// The largest error of each exponential over floats with these bit patterns, in units in the last place of the
    /// true result; infinite where overflow, or flushing to 0, is not as promised.
    private static func worst(over patterns: ClosedRange<Int>) -> [String: (ulp: Double, at: Float)] {
        let block = 4096
        var x = [Float](repeating: 0, count: block)
        var out = x
        var truth = [Double](repeating: 0, count: block)
        var result: [String: (ulp: Double, at: Float)] = [:]
        var pattern = patterns.lowerBound
        while pattern <= patterns.upperBound {
            var count = 0
            while count < block, pattern <= patterns.upperBound {
                x[count] = Float(bitPattern: UInt32(pattern))
                let exact = Double(x[count])
                truth[count] = abs(exact) < 0x1p-26 ? 1 + exact : exp(exact)
                count += 1
                pattern += stride
            }
            // Most variants agree to the last bit, and what was judged once need not be judged again.
            var judged: (out: [Float], worst: (ulp: Double, at: Float))?
            for exponential in supported where x[0] <= exponential.highest {
                exponential.run(x, &out, count)
                let found: (ulp: Double, at: Float)
                if let judged, memcmp(judged.out, out, count * MemoryLayout<Float>.stride) == 0 {
                    found = judged.worst
                } else {
                    found = worst(of: out, from: truth, at: x, count)
                    judged = judged ?? (out, found)
                }
                if found.ulp > result[exponential.name]?.ulp ?? -1 { result[exponential.name] = found }
            }
        }
        return result
    }

    private static func worst(
        of out: [Float], from truth: [Double], at x: [Float], _ count: Int
    ) -> (ulp: Double, at: Float) {
        var largest = (ulp: 0.0, at: x[0])
        for index in 0..<count {
            let ulp = error(of: out[index], from: truth[index])
            if !(ulp <= largest.ulp) { largest = (ulp.isNaN ? .infinity : ulp, x[index]) }
        }
        return largest
    }

    /// The distance in units in the last place of `truth`, rounded down to a Float's binade.
    @inline(__always)
    private static func error(of value: Float, from truth: Double) -> Double {
        if truth < 0x1p-126 { return value == 0 || value == 0x1p-126 ? 0 : .infinity }
        // The largest Float and half a unit: from here on the correctly rounded result is infinite.
        if truth >= 0x1.ffffffp127 { return value == .infinity ? 0 : .infinity }
        // 2 to the power of 23 minus the exponent of truth, by its bits: the exponent field counts from 1023.
        let perUnit = Double(bitPattern: (UInt64(2 * 1023 + 23) &- truth.bitPattern >> 52) << 52)
        return abs(Double(value) - truth) * perUnit
    }

    /// Calls `body` with 0 ..< count, each once, from as many threads as there are CPUs.
    private func onAllCPUs(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        final class Queue: Sendable {
            let next = Atomic(0)
            let count: Int
            let body: @Sendable (Int) -> Void
            init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
                self.count = count
                self.body = body
            }
            func drain() {
                while true {
                    let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                    guard index < count else { return }
                    body(index)
                }
            }
        }
        let queue = Queue(count, body)
        var threads: [pthread_t] = []
        for _ in 1..<max(2, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) {
            var thread = pthread_t()
            let context = Unmanaged.passRetained(queue)
            let status = pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    Unmanaged<Queue>.fromOpaque(context).takeRetainedValue().drain()
                    return nil
                }, context.toOpaque())
            if status == 0 { threads.append(thread) } else { context.release() }
        }
        queue.drain()
        for thread in threads { pthread_join(thread, nil) }
    }
}
