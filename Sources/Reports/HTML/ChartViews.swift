internal import Records

/// Makes the views of a page: one for each problem, before them an overview for each team size and temperature.
struct ChartViews {
    let report: RunReport
    /// From a measurement's position in the run to its series.
    let places: [Int: Int]
    let series: [ChartData.Series]
    /// Team sizes in the run's order.
    private let sizes: [Int]

    init(report: RunReport, places: [Int: Int], series: [ChartData.Series]) {
        self.report = report
        self.places = places
        self.series = series
        sizes = report.groups.reduce(into: []) { if !$0.contains($1.threads) { $0.append($1.threads) } }
    }

    /// The views, and the axes that they share.
    func views() -> (views: [ChartData.View], axes: [Axis]) {
        var axes: [Axis] = []
        var views: [ChartData.View] = []
        if report.groups.count > 1 {
            for kind in kinds {
                let groups = report.groups.filter { $0.threads == kind.threads && $0.temperature == kind.temperature }
                let members = groups.compactMap { $0.bestOwn?.index }.compactMap { places[$0] }
                let name = "All problems · \(Format.threads(kind.threads)) · \(kind.temperature.rawValue)"
                views.append(view(name, members, threads: kind.threads, group: nil, axes: &axes))
            }
        }
        for (number, group) in report.groups.enumerated() {
            let members = group.members.compactMap { places[$0.index] }
            views.append(
                view(Table.printable(group.name), members, threads: group.threads, group: number, axes: &axes))
        }
        return (views, axes)
    }

    /// Team sizes and temperatures, in the run's order.
    private var kinds: [(threads: Int, temperature: Temperature)] {
        report.groups.reduce(into: []) { kinds, group in
            let isNew = !kinds.contains { $0.threads == group.threads && $0.temperature == group.temperature }
            if isNew { kinds.append((group.threads, group.temperature)) }
        }
    }

    private func view(_ name: String, _ members: [Int], threads: Int, group: Int?, axes: inout [Axis]) -> ChartData.View
    {
        var view = ChartData.View(
            name: name, group: group, members: members,
            roofline: sizes.firstIndex(of: threads) ?? 0, beyond: [:])
        func place(_ axis: Axis) -> Int {
            if let known = axes.firstIndex(of: axis) { return known }
            axes.append(axis)
            return axes.count - 1
        }
        if let (against, axis) = speedupAxis(members) {
            view.against = against
            view.speedup = place(axis)
        }
        if let axis = spreadAxis(members) {
            view.spread = place(axis)
            for member in members {
                let beyond = series[member].samples.map(Double.init).filter { $0 > axis.max || $0 < axis.min }
                guard let farthest = beyond.max(by: { abs($0) < abs($1) }) else { continue }
                view.beyond[String(member)] = "\(beyond.count) beyond, to \(Format.change(farthest / 10_000))"
            }
        }
        return view
    }

    // MARK: - Speed-up and spread

    private func speedupAxis(_ members: [Int]) -> (against: String, axis: Axis)? {
        let blas = members.compactMap { series[$0].blas }
        let reference = members.compactMap { series[$0].reference }
        guard let ratios = [blas, reference].first(where: { !$0.isEmpty }) else { return nil }
        let against = blas.isEmpty ? "reference" : "blas"
        let title = blas.isEmpty ? "times as fast as the reference" : "times as fast as BLAS"
        let axis = Axis.logarithmic(title, ratios.flatMap { $0 } + [0.9, 1.1]) { "\(Format.tick($0))×" }
        return (against, axis)
    }

    /// Wide enough for nearly all samples, and never so wide that one hiccup flattens everything.
    private func spreadAxis(_ members: [Int]) -> Axis? {
        let all = members.flatMap { series[$0].samples }.map(Double.init).sorted()
        guard !all.isEmpty else { return nil }
        let least = Statistic.quantile(all, 0.01)
        let most = Statistic.quantile(all, 0.94)
        // In hundredths of a percent; a few fixed ends, so that neighbouring problems share an axis.
        let low = [-50.0, -100, -200, -500, -1000, -2000].first { $0 <= least } ?? -5000
        let high = [50.0, 100, 200, 500, 1000, 2000, 5000].first { $0 >= most } ?? 10_000
        return Axis.linear("change from the variant's median", from: low, to: high) { Format.change($0 / 10_000) }
    }

    // MARK: - Roofline

    /// One for each team size of the run.
    var rooflines: [ChartData.Roofline] { sizes.map(roofline) }

    private func roofline(threads: Int) -> ChartData.Roofline {
        let members = report.groups.filter { $0.threads == threads }.flatMap(\.members).compactMap { places[$0.index] }
        let compute = peaks(.compute, threads: threads)
        let bandwidth = reads(peaks(.bandwidth, threads: threads))
        // The corners of the highest roof lie inside the picture; those of lower ones may lie left of it.
        let top = compute.map(\.best).max()
        let ridges = bandwidth.compactMap { slope in top.map { $0 / slope.best } }
        let x = Axis.logarithmic(
            "operations per byte", members.compactMap { series[$0].x } + ridges.flatMap { [$0 / 2, $0 * 2] },
            label: Format.tick)
        let heights = members.compactMap { series[$0].y } + compute.flatMap { [$0.best / 1.5, $0.best * 1.4] }
        let y = Axis.logarithmic("GFLOP/s, GOP/s", heights) { Format.tick($0 / 1e9) }
        return .init(threads: threads, x: x, y: y, roofs: roofs(compute, bandwidth, x: x, y: y))
    }

    private func roofs(_ compute: [PeakRecord], _ bandwidth: [PeakRecord], x: Axis, y: Axis) -> [ChartData.Roof] {
        let top = compute.map(\.best).max() ?? y.max
        let fastest = bandwidth.map(\.best).max() ?? y.max
        func roof(_ peak: PeakRecord, _ kind: String, _ ends: [(Double, Double)]) -> ChartData.Roof {
            let corners = ends.map { [Axis.rounded($0.0), Axis.rounded($0.1)] }
            return .init(
                name: "\(Table.printable(peak.name)) \(PeaksText.value(peak))", kind: kind, from: corners[0],
                to: corners[1])
        }
        let flat = compute.map { peak in
            roof(peak, "compute", [(max(peak.best / fastest, x.min), peak.best), (x.max, peak.best)])
        }
        let slanted = bandwidth.compactMap { peak -> ChartData.Roof? in
            let left = max(x.min, y.min / peak.best)
            let right = min(x.max, top / peak.best)
            guard left < right else { return nil }
            return roof(peak, "bandwidth", [(left, left * peak.best), (right, right * peak.best)])
        }
        return flat + slanted
    }

    /// The peaks of one team size; of the nearest that was measured if there are none of it.
    private func peaks(_ kind: PeakRecord.Kind, threads: Int) -> [PeakRecord] {
        let all = report.run.peaks.filter { $0.kind == kind && $0.best > 0 && $0.best.isFinite }
        guard let nearest = all.map(\.threads).min(by: { abs($0 - threads) < abs($1 - threads) }) else { return [] }
        return all.filter { $0.threads == nearest }
    }

    /// The read roofs, if there are any: copies and triads move other mixes of bytes and are in the table of peaks.
    private func reads(_ peaks: [PeakRecord]) -> [PeakRecord] {
        let reads = peaks.filter {
            $0.name.lowercased().hasPrefix("read") && !$0.name.hasSuffix(" whole")
        }
        return reads.isEmpty ? peaks : reads
    }
}
