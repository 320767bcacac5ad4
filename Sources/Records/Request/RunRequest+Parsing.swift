/// The values of options, as text; whoever offers them reads them here.
extension RunRequest {
    /// The parts of a list separated by commas.
    public static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }

    /// Team sizes: `1,2`.
    public static func threads(_ text: String?) throws(UsageError) -> [Int] {
        var sizes: [Int] = []
        for part in list(text) {
            guard let size = Int(part), (1...1024).contains(size) else {
                throw UsageError("--threads \(part): a number from 1 to 1024 is expected, or several with commas")
            }
            sizes.append(size)
        }
        return sizes
    }

    /// `hot`, `cold` or `hot,cold`.
    public static func temperatures(_ text: String) throws(UsageError) -> [Temperature] {
        var result: [Temperature] = []
        for part in list(text) {
            guard let temperature = Temperature(rawValue: part) else {
                throw UsageError("--temperature \(part): hot, cold or hot,cold is expected")
            }
            result.append(temperature)
        }
        guard !result.isEmpty else { throw UsageError("--temperature needs hot, cold or hot,cold") }
        return result
    }

    public static func timeBox(_ seconds: Double?) throws(UsageError) -> Double? {
        if let seconds, !(seconds > 0 && seconds <= 3600) {
            throw UsageError("--time-box \(seconds): seconds above 0 and up to 3600 are expected")
        }
        return seconds
    }
}

extension Substring {
    /// Without white space at its ends.
    fileprivate var trimmed: String {
        var view = self
        while view.first?.isWhitespace == true { view.removeFirst() }
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
