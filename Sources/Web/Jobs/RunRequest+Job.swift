internal import Records

/// What a job may measure: the options of `mgbench run` that the page offers, within limits.
extension RunRequest {
    /// Why the request cannot be met, in a sentence; nil if it can, as far as the page can tell.
    func objection(suites: [String]) -> String? {
        guard suites.contains(suite) || suite == "all" else { return "there is no suite \"\(suite.prefix(40))\"" }
        if let option = notOffered { return "\(option): a job does not take it; `mgbench run` does" }
        for (name, value) in [("variants", variants.joined(separator: ",")), ("problem", problem ?? "")] {
            if value.count > 120 || value.hasPrefix("-") || !value.unicodeScalars.allSatisfy(Self.isPrintable) {
                return "\(name): at most 120 printable characters are expected, the first no hyphen"
            }
        }
        guard threads.count <= 8, threads.allSatisfy({ (1...1024).contains($0) }) else {
            return "threads: at most 8 numbers from 1 to 1024 are expected"
        }
        guard [[.hot], [.cold], [.hot, .cold]].contains(temperatures) else {
            return "temperatures: hot, cold, or both are expected"
        }
        if let timeBox, !(0.01...60).contains(timeBox) { return "timeBox: seconds from 0.01 to 60 are expected" }
        return nil
    }

    /// The first option that a server must not take from whoever reaches it: files of its computer, programs, long lists.
    private var notOffered: String? {
        var offered = RunRequest(suite: suite)
        offered.quick = quick
        offered.variants = variants
        offered.problem = problem
        offered.threads = threads
        offered.temperatures = temperatures
        offered.timeBox = timeBox
        let (mine, allowed) = (arguments, offered.arguments)
        return mine.first { $0.hasPrefix("--") && !allowed.contains($0) }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .surrogate: false
        default: true
        }
    }
}
