internal import Harness
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
        let works = sizes.map { size in
            Repetitions.Work(
                prepare: { for text in texts { text.rewind(to: depth) } }, run: { write(texts.prefix(size), batch) })
        }
        let series = try Repetitions.measure(works, count: repetitions)
        print("\(model.weights.name) · \(model.team.workers) threads · \(tokens.count - depth) tokens behind \(depth)")
        let written = Double(tokens.count - depth)
        for (index, size) in sizes.enumerated() {
            guard let statistic = series[index].statistic else { continue }
            // Pairs of one round: what disturbs the machine disturbs both.
            let gains = zip(series[0].nanoseconds, series[index].nanoseconds).map {
                $0 / $1 * Double(size) / Double(sizes[0])
            }
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

    /// A token of each in every pass.
    private func write(_ texts: ArraySlice<TokenSequence>, _ batch: Batch) {
        for token in tokens[depth...] {
            batch.clear()
            for text in texts { _ = model.add(token, to: text, in: batch) }
            model.run(batch)
        }
    }
}
