internal import CKernels
internal import CMachine
internal import Glibc
internal import Machine

/// Functions of vectors for the passes between a library's calls, so that a library is not held back by what it lacks.
extension Elementwise {
    /// Applies a function in place, by the widest vectors of this CPU.
    ///
    /// - Returns: false if no compiled variant runs here; nothing has been done then.
    static func apply(_ function: mg_function, to values: UnsafeMutablePointer<Float>, count: Int) -> Bool {
        guard let kernel else { return false }
        var arguments = mg_elementwise(
            buffers: mg_buffers(), count: Int64(count), function: function, x: values, out: values)
        var alone = mg_work(index: 0, count: 1, barrier: nil)
        kernel.entry.run(&arguments, &alone)
        return true
    }

    /// eˣ in place, for values that are not positive, or NaN.
    static func exponential(of values: UnsafeMutablePointer<Float>, count: Int) {
        if !apply(MG_FUNCTION_EXP_NONPOSITIVE, to: values, count: count) {
            for index in 0..<count { values[index] = expf(values[index]) }
        }
    }

    /// The first compiled variant that runs here; found once, for it is called between two products.
    private static let kernel = variants.filter { $0.needs.isSubset(of: CPU.features) }.compactMap(\.compiled).first
}
