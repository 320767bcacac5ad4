extension Plan: CustomStringConvertible {
    /// The steps in order, each with its variant and where what it leaves lies; what is folded stands before its step.
    public var description: String {
        var lines = [
            "\(graph.name), \(phase): \(steps.count) steps, \(buffers.count) buffers in \(arenaBytes) bytes "
                + "(\(liveBytes) alive at most)"
        ]
        for (index, step) in steps.enumerated() {
            for inner in step.before { lines.append("        \(line(inner)) · by every worker") }
            lines.append("  \(String(repeating: " ", count: max(0, 4 - "\(index)".count)))\(index) \(line(step))")
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ step: Step) -> String {
        let places = step.work.locations.writes.map { location in
            "\(buffers[location.buffer].offset)"
        }
        return "\(step.name): \(step.work.kind)" + (step.variant.map { " by \($0)" } ?? "")
            + (places.isEmpty ? "" : " → \(places.joined(separator: ", "))")
    }
}
