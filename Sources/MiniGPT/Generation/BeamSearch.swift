internal import Glibc
internal import Machine
internal import Programs
public import Tokenizers

/// How a search goes on with several texts at once.
public struct Beams: Sendable, Equatable {
    /// Texts that are gone on with. With one, the search takes the likeliest token each time, as greedy does.
    public var count: Int
    /// A text's score is the sum of its tokens' ln p divided by their number to this power: 0 favours short texts, 1
    /// takes the mean, more favours long ones (Wu et al. 2016, in the form that Hugging Face's `generate` has).
    public var lengthPenalty: Double

    public init(_ count: Int, lengthPenalty: Double = 1) {
        self.count = count
        self.lengthPenalty = lengthPenalty
    }

    /// - Throws: `LanguageModelError` naming the value that makes no sense.
    public func check() throws(LanguageModelError) {
        guard (1...256).contains(count) else {
            throw LanguageModelError("\(count) beams; 1 to 256 are accepted")
        }
        guard (-10...10).contains(lengthPenalty) else {
            throw LanguageModelError("the length penalty is \(lengthPenalty); -10 to 10 are accepted")
        }
    }

    /// The score of a text of `length` tokens.
    func score(_ sum: Double, length: Int) -> Double { sum / pow(Double(max(length, 1)), lengthPenalty) }
}

/// One of the texts of a search.
private struct Beam {
    var tokens: [Int32] = []
    var sum = 0.0
    /// What was read: all tokens but the last. Nil once nothing follows.
    var kept: TokenSequence?
    var noted: [Bool]
    var stream: TextStream
    var text: [UInt8] = []
    var end: GenerationReport.End?

    /// Goes on with a token.
    func adding(_ token: Int32, sum: Double, ends: Set<Int32>, vocabulary: Vocabulary?) -> Beam {
        var next = self
        next.kept = nil
        next.tokens.append(token)
        next.sum = sum
        next.noted[Int(token)] = true
        if ends.contains(token) {
            next.end = .end
        } else if let bytes = vocabulary?[token] {
            next.stream.add(bytes) { next.text += $0 }
            if next.stream.isStopped { next.end = .stop }
        }
        return next
    }
}

extension LanguageModel {
    /// Reads the prompt and searches for the text of the highest score behind it.
    ///
    /// Each step reads the last token of every text and keeps the `count` best continuations; a text that ends is put
    /// aside, if it is among the best. The search is over when `count` texts are aside and none that goes on has a better
    /// score than the worst of them, or at the length that was asked for. Texts share the blocks of keys and values of what
    /// they have in common, and all that go on are read in one pass.
    ///
    /// Penalty and bias of the request's sampling count; draws do not, so its temperature has to be 0.
    ///
    /// - Parameter show: the whole text at the end: before, it is open which one it is.
    /// - Throws: `LanguageModelError` for a prompt that is empty or too long, and for options that do not go together.
    public func generate(
        _ request: GenerationRequest, beams: Beams, vocabulary: Vocabulary?, isCancelled: () -> Bool = { false },
        show: (ArraySlice<UInt8>) -> Void
    ) throws(LanguageModelError) -> GenerationReport {
        try beams.check()
        guard request.sampling.temperature == 0 else {
            throw LanguageModelError("beams search and a temperature draws: one of the two is accepted")
        }
        guard options.window == nil else {
            throw LanguageModelError("beams need all of the text: no window is accepted")
        }
        guard options.sequences > beams.count else {
            throw LanguageModelError(
                "\(beams.count) beams are as many texts beside the prompt; the model was opened for "
                    + "\(options.sequences) (options.sequences)")
        }
        var report = GenerationReport(
            end: .length, promptTokens: try check(request), tokens: [], promptNanoseconds: 0, decodeNanoseconds: 0)
        let start = MonotonicClock.now
        let isRead = request.prompt.withUnsafeBufferPointer {
            read(UnsafeBufferPointer(rebasing: $0[request.cached...]), isCancelled: isCancelled)
        }
        report.promptNanoseconds = MonotonicClock.now - start
        guard isRead else {
            report.end = .cancelled
            return report
        }
        let base = position
        var sampler = Sampler(request.sampling, vocabulary: configuration.vocabulary)
        var noted = Array(repeating: false, count: configuration.vocabulary)
        for token in request.prompt { noted[Int(token)] = true }
        var running = [Beam(kept: text.fork(), noted: noted, stream: TextStream(stops: request.stops))]
        var finished: [Beam] = []
        func score(_ beam: Beam) -> Double { beams.score(beam.sum, length: beam.tokens.count) }
        // Better first; of equals the one that was found first.
        func keep(_ beam: Beam) {
            let place = finished.firstIndex { score($0) < score(beam) } ?? finished.count
            finished.insert(beam, at: place)
            if finished.count > beams.count { finished.removeLast() }
        }
        let batch = Batch()
        let decoding = MonotonicClock.now
        for length in 1...max(request.maximum, 1) {
            if isCancelled() {
                report.end = .cancelled
                break
            }
            if length > 1, limit - base < length - 1 {
                report.end = .context
                break
            }
            var candidates: [(beam: Int, token: Int32, sum: Double)] = []
            if length > 1 {
                batch.clear()
                for beam in running {
                    guard let token = beam.tokens.last, let kept = beam.kept, add(token, to: kept, in: batch) else {
                        preconditionFailure("a text that goes on has a last token, and room for it")
                    }
                }
                run(batch)
            }
            for index in running.indices {
                let logits = length > 1 ? logits(of: index) : logits
                try check(logits)
                let logarithms = sampler.logarithms(UnsafeBufferPointer(logits), noted: running[index].noted)
                for (token, value) in logarithms.best(2 * beams.count) {
                    candidates.append((index, token, running[index].sum + value))
                }
            }
            candidates.sort { ($1.sum, $0.beam, $0.token) < ($0.sum, $1.beam, $1.token) }
            var next: [(beam: Beam, parent: Int)] = []
            for (rank, candidate) in candidates.prefix(2 * beams.count).enumerated() where next.count < beams.count {
                let beam = running[candidate.beam].adding(
                    candidate.token, sum: candidate.sum, ends: request.ends, vocabulary: vocabulary)
                if beam.end == nil {
                    next.append((beam, candidate.beam))
                } else if rank < beams.count {
                    keep(beam)
                }
            }
            running = branch(&running, into: next)
            guard let best = running.map(score).max() else { break }
            if finished.count == beams.count, let worst = finished.last, best <= score(worst) { break }
        }
        report.decodeNanoseconds = MonotonicClock.now - decoding
        // Texts that go on count as they are.
        for beam in running where !beam.tokens.isEmpty { keep(beam) }
        guard var best = finished.first else { return report }
        if let end = best.end { report.end = end }
        if !best.stream.isStopped { best.stream.finish { best.text += $0 } }
        if !best.text.isEmpty { show(best.text[...]) }
        report.tokens = best.tokens
        report.score = score(best)
        return report
    }

    /// The texts of the next step: a text goes on in the first of those that follow it, the others share its blocks.
    private func branch(_ running: inout [Beam], into next: [(beam: Beam, parent: Int)]) -> [Beam] {
        var kept = running.map(\.kept)
        running = []
        // What nothing follows makes room first.
        for parent in kept.indices where !next.contains(where: { $0.parent == parent }) { kept[parent] = nil }
        var gone: Set<Int> = []
        return next.map { beam, parent in
            var beam = beam
            beam.kept = gone.insert(parent).inserted ? kept[parent] : kept[parent]?.fork()
            return beam
        }
    }
}

extension [Double] {
    /// The `count` highest values, the highest first; of equals the one of the lower index.
    fileprivate func best(_ count: Int) -> [(token: Int32, value: Double)] {
        var best: [(token: Int32, value: Double)] = []
        for (index, value) in enumerated() {
            if best.count == count, let last = best.last, value <= last.value { continue }
            // Behind all that are at least as high.
            var (low, high) = (0, best.count)
            while low < high {
                let middle = (low + high) / 2
                if best[middle].value >= value { low = middle + 1 } else { high = middle }
            }
            best.insert((Int32(index), value), at: low)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
