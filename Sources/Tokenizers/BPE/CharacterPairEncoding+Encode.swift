extension CharacterPairEncoding {
    /// What one call works with.
    final class Memory {
        let cache = PieceCache()
        /// The text with `▁` for spaces.
        fileprivate var bytes: [UInt8] = []
        /// How many bytes each token of the piece found last covers.
        fileprivate var lengths: [Int] = []
        fileprivate var spelled: [Int32] = []
    }

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        memory.with { memory in
            let startsSpaced = text[0] == 0x20 || SpaceMark.stands(at: 0, in: start, text.count)
            let isAdded =
                switch prefix {
                case .never: false
                case .always: true
                case .unlessSpaced(let everywhere): !startsSpaced && (everywhere || base == 0)
                }
            memory.bytes.removeAll(keepingCapacity: true)
            memory.bytes.reserveCapacity(text.count + 64)
            if isAdded { memory.bytes += SpaceMark.bytes }
            for byte in text {
                if byte == 0x20 {
                    memory.bytes.append(contentsOf: SpaceMark.bytes)
                } else {
                    memory.bytes.append(byte)
                }
            }
            var covered = Covered(text: text, base: base, position: 0, isAdded: isAdded)
            memory.bytes.withUnsafeBufferPointer { marked in
                guard let bytes = marked.baseAddress else { return }
                var position = 0
                while position < marked.count {
                    let end = pieceEnd(bytes, position, marked.count)
                    write(bytes + position, end - position, marked.count - position, memory, &covered, to: &output)
                    position = end
                }
            }
        }
    }

    private func pieceEnd(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ count: Int) -> Int {
        guard splitsAtSpaces || isCutAtSpaces && !takesWholePieces else { return count }
        var end = start
        if splitsAtSpaces {
            end += SpaceMark.stands(at: end, in: bytes, count) ? 3 : 1
        } else {
            while end < count, SpaceMark.stands(at: end, in: bytes, count) { end += 3 }
        }
        while end < count, !SpaceMark.stands(at: end, in: bytes, count) { end += 1 }
        return end
    }

    /// What the tokens cover, one behind the other.
    private struct Covered {
        let text: UnsafeBufferPointer<UInt8>
        let base: Int
        var position: Int
        /// Whether the space before the text is still to come, which covers its first character.
        var isAdded: Bool

        mutating func next(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Range<Int> {
            let start = position
            var index = 0
            var first = 0
            while index < count {
                let isMark = SpaceMark.stands(at: index, in: bytes, count)
                if isMark, isAdded {
                    isAdded = false
                    first = text.baseAddress.map { UTF8Step.next($0, 0, text.count).length } ?? 0
                    index += 3
                } else {
                    position += isMark && text[position] == 0x20 ? 1 : isMark ? 3 : 1
                    index += isMark ? 3 : 1
                }
            }
            return base + start..<base + max(position, start + first)
        }
    }

    private func write(
        _ piece: UnsafePointer<UInt8>, _ count: Int, _ readable: Int, _ memory: Memory, _ covered: inout Covered,
        to output: inout TokenBuffer
    ) {
        let target = output.reserve(max(count, 16))
        let (written, isNew) = memory.cache.tokens(piece, count, readable: readable, to: target) {
            find(piece, count, memory, to: target)
        }
        output.advance(written)
        guard output.keepsOffsets else { return }
        var position = 0
        for index in 0..<written {
            let id = output[output.count - written + index]
            let isByte = spellsBytes && byteIds.contains(id)
            let length = isNew ? memory.lengths[index] : isByte ? 1 : vocabulary[id]?.count ?? 0
            output.append(covered.next(piece + position, length))
            position += length
        }
    }

    /// Negative if an unknown token is among them, whose length is not that of the vocabulary.
    private func find(
        _ piece: UnsafePointer<UInt8>, _ count: Int, _ memory: Memory, to target: UnsafeMutablePointer<Int32>
    ) -> Int {
        memory.lengths.removeAll(keepingCapacity: true)
        if takesWholePieces, let id = symbols.id(of: UnsafeBufferPointer(start: piece, count: count)),
            Int(id) < vocabulary.count
        {
            target[0] = id
            return 1
        }
        memory.spelled.removeAll(keepingCapacity: true)
        var position = 0
        while position < count {
            let length = UTF8Step.next(piece, position, count).length
            memory.spelled.append(symbols.id(of: UnsafeBufferPointer(start: piece + position, count: length)) ?? -1)
            position += length
        }
        let spelled = memory.spelled.count
        let left = memory.spelled.withUnsafeMutableBufferPointer { ids in
            ids.baseAddress.map { memory.cache.merger.merge(spelled: $0, spelled, table) } ?? 0
        }
        var written = 0
        var isKnown = true
        var isBehindUnknown = false
        position = 0
        func emit(_ id: Int32, _ length: Int) {
            target[written] = id
            memory.lengths.append(length)
            written += 1
            position += length
        }
        for index in 0..<left {
            let id = memory.spelled[index]
            if id >= 0, Int(id) < vocabulary.count {
                emit(id, vocabulary[id]?.count ?? 0)
                isBehindUnknown = false
                continue
            }
            let length = UTF8Step.next(piece, position, count).length
            let bytes = UnsafeBufferPointer(start: piece + position, count: length)
            if spellsBytes, bytes.allSatisfy({ byteIds[Int($0)] >= 0 }) {
                for byte in bytes { emit(byteIds[Int(byte)], 1) }
                isBehindUnknown = false
            } else if isBehindUnknown, fusesUnknown {
                memory.lengths[written - 1] += length
                position += length
            } else if let unknown {
                isKnown = false
                isBehindUnknown = true
                emit(unknown, length)
            }
        }
        return isKnown ? written : -written
    }
}
