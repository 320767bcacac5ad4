extension Plan {
    /// Lays the buffers out in one arena: two that are never alive in the same step may share their place.
    ///
    /// A buffer is alive from the step that writes it to the last that reads it. The largest are placed first, each as low as
    /// those that are alive with it allow; the arena is seldom larger than what is alive together at most.
    mutating func layOut() {
        var lives: [Int: ClosedRange<Int>] = [:]
        func touch(_ buffer: Int, _ step: Int) {
            let life = lives[buffer] ?? step...step
            lives[buffer] = min(life.lowerBound, step)...max(life.upperBound, step)
        }
        for (index, step) in steps.enumerated() {
            let (reads, writes) = step.locations
            for location in reads + writes { touch(location.buffer, index) }
            for workspace in ([step] + step.before).compactMap(\.workspace) { touch(workspace, index) }
        }
        // The result is read after the last step, and computed again for other rows from what the head reads.
        if let result { touch(result.buffer, steps.count) }
        for step in steps.dropFirst(head) {
            for location in step.locations.reads { touch(location.buffer, steps.count) }
        }
        for index in buffers.indices {
            let life = lives[index] ?? -1...(-1)
            // What a trace shows is read after the last step.
            buffers[index].life = phase.isTraced ? -1...steps.count : life
        }
        liveBytes =
            (-1...steps.count).map { step in
                buffers.reduce(0) { $0 + ($1.life.contains(step) ? bytes(of: $1) : 0) }
            }.max() ?? 0
        place()
    }

    private mutating func place() {
        var placed: [Int] = []
        let order = buffers.indices.sorted { a, b in
            (bytes(of: buffers[b]), a) < (bytes(of: buffers[a]), b)
        }
        for index in order {
            let size = bytes(of: buffers[index])
            let neighbours = placed.filter { buffers[$0].life.overlaps(buffers[index].life) }
                .sorted { buffers[$0].offset < buffers[$1].offset }
            var offset = 0
            for other in neighbours {
                if buffers[other].offset - offset >= size { break }
                offset = max(offset, buffers[other].offset + bytes(of: buffers[other]))
            }
            buffers[index].offset = offset
            arenaBytes = max(arenaBytes, offset + size)
            placed.append(index)
        }
    }
}
