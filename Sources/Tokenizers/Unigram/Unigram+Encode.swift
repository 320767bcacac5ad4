extension Unigram {
    /// What one call works with.
    final class Memory {
        let cache = PieceCache()
        let path = Path()
        let piece = MarkedPiece()
    }

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        if let normalizer {
            normalizer.encode(text, base: base, to: &output) { appendNormal($0, base: 0, to: &$1) }
        } else {
            appendNormal(UnsafeBufferPointer(start: start, count: text.count), base: base, to: &output)
        }
    }

    private func appendNormal(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        memory.with { memory in
            switch form {
            case .bytes(let preTokenizer):
                var writer = Writer(
                    model: self, memory: memory, text: start, count: text.count, base: base, output: output)
                preTokenizer.visit(start, text.count, &writer)
                output = writer.output
            case .words(let prepends):
                SpacedPieces.visit(start, text.count, prepends: prepends, memory.piece) { piece in
                    write(piece, base: base, memory, to: &output)
                }
            case .separateWords:
                SpacedPieces.visitWords(start, text.count, memory.piece) { piece in
                    write(piece, base: base, memory, to: &output)
                }
            }
        }
    }

    private struct Writer: PieceVisitor {
        let model: Unigram
        let memory: Memory
        let text: UnsafePointer<UInt8>
        let count: Int
        let base: Int
        var output: TokenBuffer

        mutating func visit(_ start: Int, _ end: Int) {
            let piece = SpacedPieces.Piece(
                bytes: text + start, count: end &- start, readable: count &- start, start: start, lead: 0, leadWidth: 0)
            model.write(piece, base: base, memory, to: &output)
        }
    }

    private func write(
        _ piece: SpacedPieces.Piece, base: Int, _ memory: Memory, to output: inout TokenBuffer
    ) {
        let target = output.reserve(max(piece.count, 16))
        let (written, isNew) = memory.cache.tokens(piece.bytes, piece.count, readable: piece.readable, to: target) {
            find(piece, memory.path, to: target)
        }
        output.advance(written)
        guard output.keepsOffsets else { return }
        var position = 0
        if isNew {
            for token in memory.path.tokens {
                let range = piece.range(token.range, base: base)
                let repeats = token.id == unknown && spelled(piece, token.range) != nil ? token.range.count : 1
                for _ in 0..<repeats { output.append(range) }
            }
            return
        }
        for index in output.count - written..<output.count {
            let end = position + (vocabulary[output[index]]?.count ?? 0)
            output.append(piece.range(position..<end, base: base))
            position = end
        }
    }

    /// Negative if something unknown is among the tokens, whose lengths are then not those of the vocabulary.
    private func find(_ piece: SpacedPieces.Piece, _ path: Path, to target: UnsafeMutablePointer<Int32>) -> Int {
        search(piece.bytes, piece.count, path)
        var written = 0
        var isKnown = true
        for token in path.tokens {
            if token.id == unknown {
                isKnown = false
                if let ids = spelled(piece, token.range) {
                    for id in ids {
                        target[written] = id
                        written += 1
                    }
                    continue
                }
            }
            target[written] = token.id
            written += 1
        }
        return isKnown ? written : -written
    }

    private func spelled(_ piece: SpacedPieces.Piece, _ range: Range<Int>) -> [Int32]? {
        guard spellsBytes else { return nil }
        var ids: [Int32] = []
        for index in range {
            guard let id = byteIds[Int(piece.bytes[index])] else { return nil }
            ids.append(id)
        }
        return ids
    }
}
