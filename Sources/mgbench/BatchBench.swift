internal import Machine
internal import MiniGPT
internal import Programs
internal import Records
internal import Reports

/// Several texts written together, a token of each in a pass, against fewer of them.
struct BatchBench {
    let model: LanguageModel
    /// What each text reads and then writes.
    let tokens: [Int32]
    /// Tokens that are read before.
    let depth: Int

    /// Measures the sizes in turns, and prints the tokens a second of all texts together.
    func printTable(_ sizes: [Int], repetitions: Int) throws {
        let texts = (0..<(sizes.max() ?? 0)).map { _ in model.newText() }
        let batch = Batch()
        for text in texts {
            for start in stride(from: 0, to: depth, by: model.options.chunk) {
                batch.clear()
                tokens[start..<min(start + model.options.chunk, depth)].withUnsafeBufferPointer {
                    _ = batch.add(prompt: $0, to: text, isDrawn: false)
                }
                model.run(batch)
            }
        }
        var times = [[Double]](repeating: [], count: sizes.count)
        for repetition in 0...repetitions {
            for (index, size) in sizes.enumerated() {
                let time = write(texts.prefix(size), batch)
                if repetition > 0 { times[index].append(time) }
            }
        }
        print("\(model.weights.name) · \(model.team.workers) threads · \(tokens.count - depth) tokens behind \(depth)")
        let written = Double(tokens.count - depth)
        for (index, size) in sizes.enumerated() {
            guard let statistic = Statistic(times[index]) else { continue }
            // Pairs of one round: what disturbs the machine disturbs both.
            let gains = zip(times[0], times[index]).map { $0 / $1 * Double(size) / Double(sizes[0]) }
            let gain = Statistic(gains)
            let rate = Double(size) * written * 1e9 / statistic.median
            print(
                "  \("\(size) text\(size == 1 ? "" : "s")".padded(12))\(Format.fixed(rate, decimals: 0)) tokens/s in all, "
                    + "\(Format.fixed(statistic.median / written / 1e6, decimals: 2)) ms a step"
                    + (index > 0 ? gain.map { Self.ratio($0) } ?? "" : ""))
        }
    }

    private static func ratio(_ gain: Statistic) -> String {
        let (low, high) = (Format.fixed(gain.low, decimals: 2), Format.fixed(gain.high, decimals: 2))
        return "  \(Format.fixed(gain.median, decimals: 2))× [\(low), \(high)]"
    }

    /// Nanoseconds of all passes.
    private func write(_ texts: ArraySlice<TokenSequence>, _ batch: Batch) -> Double {
        for text in texts { text.rewind(to: depth) }
        let start = MonotonicClock.now
        for token in tokens[depth...] {
            batch.clear()
            for text in texts { _ = model.add(token, to: text, in: batch) }
            model.run(batch)
        }
        return Double(MonotonicClock.now - start)
    }
}
