internal import Records

/// Makes the views of a page: one for each problem, before them an overview for each team size and temperature.
struct ChartViews {
    let report: RunReport
    /// From a measurement's position in the run to its series.
    let places: [Int: Int]
    let series: [ChartData.Series]

    /// A measurement of a view, under the name that it has there.
    private struct Entry {
        var member: ProblemGroup.Member
        var group: ProblemGroup
        var label: String
    }

    func views() -> [ChartData.View] {
        let single = report.groups.enumerated().map { number, group in
            let entries = group.members.map {
                Entry(member: $0, group: group, label: Table.printable($0.measurement.variant))
            }
            return view(Table.printable(group.name), entries, group: number, labelled: true)
        }
        return single.count > 1 ? overviews() + single : single
    }

    /// The fastest of mgbench's own variants at each problem.
    private func overviews() -> [ChartData.View] {
        var kinds: [(threads: Int, temperature: Temperature)] = []
        for group in report.groups where !kinds.contains(where: { $0 == (group.threads, group.temperature) }) {
            kinds.append((group.threads, group.temperature))
        }
        return kinds.map { kind in
            let groups = report.groups.filter { ($0.threads, $0.temperature) == kind }
            let entries = groups.compactMap { group in
                group.bestOwn.map { Entry(member: $0, group: group, label: Table.printable(group.title)) }
            }
            let name = "All problems · \(Format.threads(kind.threads)) · \(kind.temperature.rawValue)"
            return view(name, entries, group: nil, labelled: false)
        }
    }

    private func view(_ name: String, _ entries: [Entry], group: Int?, labelled: Bool) -> ChartData.View {
        let timed = entries.filter { places[$0.member.index] != nil }
        return ChartData.View(
            name: name, group: group, roofline: roofline(timed, labelled: labelled), speedup: bars(timed),
            spread: strips(timed))
    }

    // MARK: - Roofline

    private func roofline(_ entries: [Entry], labelled: Bool) -> ChartData.Roofline {
        let points = entries.compactMap { entry -> ChartData.Roofline.Point? in
            let measurement = entry.member.measurement
            guard let median = measurement.statistic?.median, measurement.cost.flops > 0, measurement.cost.bytes > 0
            else { return nil }
            return .init(
                i: entry.member.index, x: Axis.rounded(measurement.cost.flops / measurement.cost.bytes),
                y: Axis.rounded(measurement.cost.flops / median * 1e9), label: entry.label)
        }
        let threads = entries.first?.group.threads ?? 1
        let compute = peaks(.compute, threads: threads)
        let bandwidth = reads(peaks(.bandwidth, threads: threads))
        let ridges = compute.flatMap { top in bandwidth.map { top.median / $0.median } }
        let x = Axis.logarithmic(
            "operations per byte", points.map(\.x) + ridges.map { $0 * 1.5 } + ridges.map { $0 / 4 }, label: Format.tick
        )
        let floor = (points.map(\.y) + compute.map(\.median)).min() ?? 1e9
        let y = Axis.logarithmic(
            "GFLOP/s or GOP/s", points.map(\.y) + compute.map { $0.median * 1.3 } + [floor / 1.5]
        ) { Format.tick($0 / 1e9) }
        let alt =
            points.isEmpty
            ? "Roofline: nothing was measured."
            : """
            Roofline: \(points.count) variants under \(compute.count) compute and \(bandwidth.count) bandwidth roofs. \
            The numbers are in the table of results.
            """
        return .init(
            x: x, y: y, roofs: roofs(compute, bandwidth, x: x, y: y), points: points, labelled: labelled, alt: alt)
    }

    private func roofs(_ compute: [PeakRecord], _ bandwidth: [PeakRecord], x: Axis, y: Axis)
        -> [ChartData.Roofline.Roof]
    {
        let top = compute.map(\.median).max() ?? y.max
        let fastest = bandwidth.map(\.median).max() ?? y.max
        let flat = compute.map { peak in
            ChartData.Roofline.Roof(
                name: "\(Table.printable(peak.name)) \(PeaksText.value(peak))", kind: "compute",
                from: [Axis.rounded(Swift.max(peak.median / fastest, x.min)), Axis.rounded(peak.median)],
                to: [x.max, Axis.rounded(peak.median)])
        }
        let slanted = bandwidth.map { peak in
            let left = Swift.max(x.min, y.min / peak.median)
            let right = Swift.min(x.max, top / peak.median)
            return ChartData.Roofline.Roof(
                name: "\(Table.printable(peak.name)) \(PeaksText.value(peak))", kind: "bandwidth",
                from: [Axis.rounded(left), Axis.rounded(left * peak.median)],
                to: [Axis.rounded(right), Axis.rounded(right * peak.median)])
        }
        return flat + slanted
    }

    /// The peaks of one team size; of the nearest that was measured if there are none of it.
    private func peaks(_ kind: PeakRecord.Kind, threads: Int) -> [PeakRecord] {
        let all = report.run.peaks.filter { $0.kind == kind && $0.median > 0 && $0.median.isFinite }
        guard let nearest = all.map(\.threads).min(by: { abs($0 - threads) < abs($1 - threads) }) else { return [] }
        return all.filter { $0.threads == nearest }
    }

    /// The read roofs, if there are any: copies and triads move other mixes of bytes and are in the table of peaks.
    private func reads(_ peaks: [PeakRecord]) -> [PeakRecord] {
        let reads = peaks.filter { $0.name.lowercased().hasPrefix("read") }
        return reads.isEmpty ? peaks : reads
    }

    // MARK: - Speed-up and spread

    private func bars(_ entries: [Entry]) -> ChartData.Bars? {
        let againstBLAS = entries.contains { $0.member.measurement.speedup(against: $0.group.blas) != nil }
        let bars = entries.compactMap { entry -> ChartData.Bars.Bar? in
            let base = againstBLAS ? entry.group.blas : entry.group.reference
            guard let speedup = entry.member.measurement.speedup(against: base), speedup.ratio > 0, speedup.low > 0
            else { return nil }
            return .init(
                i: entry.member.index, label: entry.label, ratio: Axis.rounded(speedup.ratio),
                low: Axis.rounded(speedup.low), high: Axis.rounded(speedup.high),
                text: Format.ratio(speedup.ratio, low: speedup.low, high: speedup.high))
        }
        guard !bars.isEmpty else { return nil }
        let title = againstBLAS ? "times as fast as BLAS" : "times as fast as the reference"
        let axis = Axis.logarithmic(title, bars.flatMap { [$0.low, $0.high] } + [0.9, 1.1]) { "\(Format.tick($0))×" }
        let best = bars.max { $0.ratio < $1.ratio }
        let alt = "Speed-up: \(bars.count) bars, \(title). The best: \(best?.label ?? ""), \(best?.text ?? "")."
        return .init(title: title, x: axis, bars: bars, alt: alt)
    }

    private func strips(_ entries: [Entry]) -> ChartData.Strips? {
        let chosen = entries.compactMap { entry in places[entry.member.index].map { (entry, series[$0], $0) } }
        let all = chosen.flatMap { $0.1.samples }.map(Double.init).sorted()
        guard !all.isEmpty else { return nil }
        // Wide enough for nearly all samples, and never so wide that one hiccup flattens everything.
        let low = Swift.min(-100, Swift.max(-3000, Statistic.quantile(all, 0.01) * 1.1))
        let high = Swift.max(100, Swift.min(6000, Statistic.quantile(all, 0.97) * 1.1))
        let axis = Axis.linear("from the median", from: low, to: high) { Format.change($0 / 10_000) }
        let strips = chosen.map { entry, series, place in
            let beyond = series.samples.filter { Double($0) > high || Double($0) < low }
            let farthest = beyond.max { abs($0) < abs($1) }
            let text = farthest.map { "\(beyond.count) beyond, to \(Format.change(Double($0) / 10_000))" } ?? ""
            return ChartData.Strips.Strip(s: place, label: entry.label, beyond: text)
        }
        return .init(
            x: axis, strips: strips,
            alt: "Samples of \(strips.count) variants around their medians. The numbers are in the table of samples.")
    }
}
