/// What the `lanes` variants share: eight floats at a place in memory, and the product that most of them are made of.
extension SIMD8<Float> {
    @inline(__always)
    init(at pointer: UnsafePointer<Float>) {
        self = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always)
    init(at pointer: UnsafeMutablePointer<Float>) {
        self = UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always)
    func store(to pointer: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: SIMD8<Float>.self)
    }

    /// Σ a·b over n values: four chains of eight lanes, then eight lanes, then one by one.
    @inline(__always)
    static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ n: Int) -> Float {
        var sums = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
        var i = 0
        while i + 32 <= n {
            sums.0 += SIMD8(at: a + i) * SIMD8(at: b + i)
            sums.1 += SIMD8(at: a + i + 8) * SIMD8(at: b + i + 8)
            sums.2 += SIMD8(at: a + i + 16) * SIMD8(at: b + i + 16)
            sums.3 += SIMD8(at: a + i + 24) * SIMD8(at: b + i + 24)
            i += 32
        }
        while i + 8 <= n {
            sums.0 += SIMD8(at: a + i) * SIMD8(at: b + i)
            i += 8
        }
        var sum = ((sums.0 + sums.1) + (sums.2 + sums.3)).sum()
        while i < n {
            sum += a[i] * b[i]
            i += 1
        }
        return sum
    }

    /// out += factor·x over n values.
    @inline(__always)
    static func add(_ factor: Float, times x: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>, _ n: Int) {
        var i = 0
        while i + 8 <= n {
            (SIMD8(at: out + i) + factor * SIMD8(at: x + i)).store(to: out + i)
            i += 8
        }
        while i < n {
            out[i] += factor * x[i]
            i += 1
        }
    }

    /// Some columns of a row times a matrix: out[j] = Σ row[l]·matrix[l][j] for j in `columns`.
    ///
    /// 32 columns at a time stay in registers over all of the row. Of `length` rows, the matrix has `stride` columns.
    @inline(__always)
    static func multiply(
        _ row: UnsafePointer<Float>, _ length: Int, _ matrix: UnsafePointer<Float>, _ stride: Int,
        columns: Range<Int>, into out: UnsafeMutablePointer<Float>
    ) {
        var j = columns.lowerBound
        while j + 32 <= columns.upperBound {
            var sums = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
            for l in 0..<length {
                let line = matrix + l * stride + j
                sums.0 += row[l] * SIMD8(at: line)
                sums.1 += row[l] * SIMD8(at: line + 8)
                sums.2 += row[l] * SIMD8(at: line + 16)
                sums.3 += row[l] * SIMD8(at: line + 24)
            }
            sums.0.store(to: out + j)
            sums.1.store(to: out + j + 8)
            sums.2.store(to: out + j + 16)
            sums.3.store(to: out + j + 24)
            j += 32
        }
        while j < columns.upperBound {
            var sum: Float = 0
            for l in 0..<length { sum += row[l] * matrix[l * stride + j] }
            out[j] = sum
            j += 1
        }
    }
}
