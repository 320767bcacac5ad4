internal import Foundation
internal import History
internal import Records
internal import Reports

/// Small pictures that need no script: they stand in the cells of tables.
enum Pictures {
    /// A series as a line, the latest point marked.
    static func sparkline(_ values: [Double], step: ChangePoint?, label: String) -> String {
        guard values.count > 1, let low = values.min(), let high = values.max() else { return "" }
        let (width, height) = (120.0, 24.0)
        // Never so tight that noise of a percent looks like a mountain.
        let span = max(high - low, 0.06 * high)
        let middle = (high + low) / 2
        func place(_ index: Int) -> String {
            let x = 3 + (width - 6) * Double(index) / Double(values.count - 1)
            let y = height / 2 - (values[index] - middle) / span * (height - 6)
            return String(format: "%.1f,%.1f", x, y)
        }
        let points = values.indices.map(place).joined(separator: " ")
        let last = place(values.count - 1).split(separator: ",")
        let tone = step.map { $0.change > 0 ? "slower" : "faster" } ?? ""
        return """
            <svg class="spark \(tone)" viewBox="0 0 \(Int(width)) \(Int(height))" role="img" \
            aria-label="\(HTML.escape(label))"><polyline points="\(points)"/>\
            <circle cx="\(last[0])" cy="\(last[1])" r="2.5"/></svg>
            """
    }

    /// The scale that the effects of a comparison share: shares from `-most` to `most`.
    static func scale(_ effects: [PairedEffect?]) -> Double {
        let ends = effects.compactMap { $0 }.flatMap { [abs($0.changeLow), abs($0.changeHigh)] }.sorted()
        guard !ends.isEmpty else { return 0.05 }
        // One wild row must not flatten the others: it is cut off, and marked.
        let wide = ends[min(ends.count - 1, ends.count * 95 / 100)] * 1.1
        return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].first { $0 >= wide } ?? 10
    }

    /// One row of a forest plot: the interval of a change, its middle, the line of no change, the band of equivalence.
    static func forest(_ effect: PairedEffect?, verdict: ChangeVerdict, most: Double, margin: Double, label: String)
        -> String
    {
        guard let effect else { return "" }
        let (height, middle) = (20.0, 110.0)
        func place(_ share: Double) -> Double { middle + max(-1, min(1, share / most)) * (middle - 6) }
        func text(_ value: Double) -> String { String(format: "%.1f", value) }
        let (low, high) = (place(effect.changeLow), place(effect.changeHigh))
        let band = place(margin) - middle
        var shapes =
            "<rect class=\"band\" x=\"\(text(middle - band))\" y=\"0\" width=\"\(text(2 * band))\" height=\"20\"/>"
        shapes += "<path class=\"zero\" d=\"M\(text(middle)) 0V\(text(height))\"/>"
        shapes += "<path class=\"whisker\" d=\"M\(text(low)) 10H\(text(high))\"/>"
        for (end, share, sign) in [(low, effect.changeLow, -1.0), (high, effect.changeHigh, 1.0)] {
            if abs(share) > most, share.sign == (sign < 0 ? .minus : .plus) {
                let back = text(end - 4 * sign)
                shapes += "<path class=\"cut\" d=\"M\(back) 6L\(text(end)) 10L\(back) 14\"/>"
            } else {
                shapes += "<path class=\"whisker\" d=\"M\(text(end)) 6V14\"/>"
            }
        }
        let center = place(effect.change)
        shapes += "<rect class=\"dot\" x=\"\(text(center - 3.5))\" y=\"6.5\" width=\"7\" height=\"7\"/>"
        return """
            <svg class="forest \(verdict.rawValue)" viewBox="0 0 220 20" role="img" \
            aria-label="\(HTML.escape(label))">\(shapes)</svg>
            """
    }

    /// Packages, caches and cores as nested boxes, as lstopo draws them.
    static func topology(_ drawing: TopologyDrawing, words t: Words) -> String {
        let size = number(Format.bytes(drawing.memoryBytes), t)
        let memory = "<p class=\"box-name\">\(HTML.escape(t("memory"))) \(size)</p>"
        let packages = Set(drawing.cores.map(\.package)).sorted()
        let boxes = packages.map { package in
            let cores = drawing.cores.filter { $0.package == package }
            let cpus = cores.flatMap(\.cpus)
            let levels = Set(drawing.caches.map(\.level)).sorted(by: >)
            return "<div class=\"box package\"><p class=\"box-name\">\(HTML.escape(t("package %1", "\(package)")))</p>"
                + nested(drawing, cores, cpus, levels[...], t) + "</div>"
        }
        return "<div class=\"topology box\">\(memory)\(boxes.joined())</div>"
    }

    private static func nested(
        _ drawing: TopologyDrawing, _ cores: [TopologyDrawing.Core], _ cpus: [Int], _ levels: ArraySlice<Int>,
        _ t: Words
    ) -> String {
        guard let level = levels.first else { return coreBoxes(drawing, cores, t) }
        let shared = drawing.caches.filter { $0.level == level && !Set($0.cpus).isDisjoint(with: cpus) }
        let rest = levels.dropFirst()
        guard !shared.isEmpty else { return nested(drawing, cores, cpus, rest, t) }
        let boxes = shared.map { cache in
            let inside = cores.filter { !Set($0.cpus).isDisjoint(with: cache.cpus) }
            let name = "L\(cache.level) \(number(Format.bytes(cache.bytes), t))"
            return "<div class=\"box cache level\(cache.level)\"><p class=\"box-name\">\(name)</p>"
                + nested(drawing, inside, cache.cpus, rest, t) + "</div>"
        }
        return "<div class=\"row\">\(boxes.joined())</div>"
    }

    private static func coreBoxes(_ drawing: TopologyDrawing, _ cores: [TopologyDrawing.Core], _ t: Words) -> String {
        let boxes = cores.map { core in
            let cpus = core.cpus.map { cpu in
                let isOwn = drawing.cpuset.contains(cpu)
                return "<span class=\"cpu\(isOwn ? "" : " other")\">CPU \(cpu)</span>"
            }
            return "<div class=\"box core\"><p class=\"box-name\">\(HTML.escape(t("core")))</p>\(cpus.joined())</div>"
        }
        return "<div class=\"row\">\(boxes.joined())</div>"
    }

    private static func number(_ text: String, _ t: Words) -> String { HTML.escape(t.number(text)) }
}
