internal import Reports

/// Packages, caches and cores as nested boxes, as lstopo draws them.
struct Box: PageView {
    struct CPU: Sendable {
        var number: Int
        /// Whether this process may not use it.
        var isOther: Bool
    }

    /// Boxes side by side.
    struct Row: Sendable {
        var boxes: [Box]
    }

    let template = "box"
    /// `package`, `cache level2`, `core`.
    let `class`: String
    let name: String
    let row: Row?
    let cpus: [CPU]

    private init(_ class: String, _ name: String, row: Row? = nil, cpus: [CPU] = []) {
        self.class = `class`
        self.name = name
        self.row = row
        self.cpus = cpus
    }

    /// One for each package.
    static func packages(_ drawing: TopologyDrawing, _ t: Words) -> [Box] {
        let levels = Set(drawing.caches.map(\.level)).sorted(by: >)
        return Set(drawing.cores.map(\.package)).sorted().map { package in
            let cores = drawing.cores.filter { $0.package == package }
            let inside = row(drawing, cores, cores.flatMap(\.cpus), levels[...], t)
            return Box("package", t("package %1", "\(package)"), row: inside)
        }
    }

    /// The caches of the first of `levels` that there is, with what they hold; without any, the cores.
    private static func row(
        _ drawing: TopologyDrawing, _ cores: [TopologyDrawing.Core], _ cpus: [Int], _ levels: ArraySlice<Int>,
        _ t: Words
    ) -> Row {
        guard let level = levels.first else { return Row(boxes: cores.map { core($0, drawing, t) }) }
        let shared = drawing.caches.filter { $0.level == level && !Set($0.cpus).isDisjoint(with: cpus) }
        let rest = levels.dropFirst()
        guard !shared.isEmpty else { return row(drawing, cores, cpus, rest, t) }
        return Row(
            boxes: shared.map { cache in
                let inside = cores.filter { !Set($0.cpus).isDisjoint(with: cache.cpus) }
                return Box(
                    "cache level\(cache.level)", "L\(cache.level) \(t.number(Format.bytes(cache.bytes)))",
                    row: row(drawing, inside, cache.cpus, rest, t))
            })
    }

    private static func core(_ core: TopologyDrawing.Core, _ drawing: TopologyDrawing, _ t: Words) -> Box {
        Box("core", t("core"), cpus: core.cpus.map { CPU(number: $0, isOther: !drawing.cpuset.contains($0)) })
    }
}
