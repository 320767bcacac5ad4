extension WordPiece {
    /// What one call works with: characters and words that came before, and the word at hand.
    final class Memory {
        let table: BertTable
        let cache = PieceCache()
        /// The word's bytes, with 16 more that may be read.
        fileprivate var bytes: UnsafeMutablePointer<UInt8> = .allocate(capacity: 256)
        fileprivate var count = 0
        fileprivate var characters = 0
        /// What each byte covers, if that is wanted.
        fileprivate var lowers: [Int] = []
        fileprivate var uppers: [Int] = []
        private var capacity = 240

        init(_ normalization: BertNormalization) { table = BertTable(normalization) }

        deinit { bytes.deallocate() }

        fileprivate func clear() {
            count = 0
            characters = 0
            lowers.removeAll(keepingCapacity: true)
            uppers.removeAll(keepingCapacity: true)
        }

        @inline(__always)
        fileprivate func append(_ value: UInt32, _ lower: Int, _ upper: Int, keepsOffsets: Bool) {
            if count &+ 4 > capacity { grow() }
            let start = count
            if value < 0x80 {
                bytes[count] = UInt8(truncatingIfNeeded: value)
                count &+= 1
            } else {
                let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    bytes[count] = byte
                    count &+= 1
                }
            }
            characters &+= 1
            guard keepsOffsets else { return }
            for _ in start..<count {
                lowers.append(lower)
                uppers.append(upper)
            }
        }

        private func grow() {
            let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2 + 16)
            moved.update(from: bytes, count: count)
            bytes.deallocate()
            bytes = moved
            capacity *= 2
        }
    }

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress else { return }
        memory.with { memory in
            var position = 0
            while position < text.count {
                var end = position
                while end < text.count, !Self.ends(start[end]) { end &+= 1 }
                if end > position {
                    let first = output.count
                    memory.clear()
                    if !append(start, position..<end, base, memory, to: &output) {
                        // Marks that stay: the stretch is normalized as a whole.
                        output.truncate(to: first)
                        memory.clear()
                        let stretch = UnsafeBufferPointer(rebasing: text[position..<end])
                        for piece in normalization.normalized(stretch, base: base + position) {
                            let range = piece.range
                            take(
                                piece.scalar.value, BertTable.kind(piece.scalar), range.lowerBound, range.upperBound,
                                memory, &output)
                        }
                    }
                    spell(memory, to: &output)
                }
                position = end &+ 1
            }
        }
    }

    /// White space of ASCII that neither joins a word nor takes part in the order of marks.
    @inline(__always)
    private static func ends(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }

    /// Takes characters one by one; false: they have to be looked at together.
    private func append(
        _ text: UnsafePointer<UInt8>, _ range: Range<Int>, _ base: Int, _ memory: Memory, to output: inout TokenBuffer
    ) -> Bool {
        let table = memory.table
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = text[position]
            if byte < 0x80 {
                if !table.drops[Int(byte)] {
                    take(
                        UInt32(table.bytes[Int(byte)]), table.kinds[Int(byte)], base &+ position,
                        base &+ position &+ 1, memory, &output)
                }
                position &+= 1
                continue
            }
            let (value, length) = UTF8Step.decode(text, position, range.upperBound)
            let lower = base &+ position
            guard table.visit(value, { take($0, $1, lower, lower &+ length, memory, &output) }) else { return false }
            position &+= length
        }
        return true
    }

    @inline(__always)
    private func take(
        _ value: UInt32, _ kind: BertTable.Kind, _ lower: Int, _ upper: Int, _ memory: Memory,
        _ output: inout TokenBuffer
    ) {
        if kind != .word { spell(memory, to: &output) }
        if kind != .space { memory.append(value, lower, upper, keepsOffsets: output.keepsOffsets) }
        if kind == .sign { spell(memory, to: &output) }
    }

    /// Writes the tokens of the word at hand.
    private func spell(_ memory: Memory, to output: inout TokenBuffer) {
        let count = memory.count
        guard count > 0 else { return }
        let target = output.reserve(max(count, 16))
        var written = 1
        if memory.characters > longestWord {
            target[0] = unknown
        } else {
            written =
                memory.cache.tokens(memory.bytes, count, readable: count &+ 16, to: target) {
                    find(memory.bytes, count, to: target)
                }.count
        }
        output.advance(written)
        if output.keepsOffsets {
            var start = 0
            for index in output.count &- written..<output.count {
                var end = count
                if output[index] != unknown || written > 1 {
                    let length = vocabulary[output[index]]?.count ?? 0
                    end = min(start &+ length &- (start > 0 ? Self.prefix.count : 0), count)
                }
                output.append(memory.lowers[start]..<memory.uppers[end &- 1])
                start = end
            }
        }
        memory.clear()
    }

    /// The longest tokens from the left, or the one for what is unknown.
    private func find(_ word: UnsafePointer<UInt8>, _ count: Int, to target: UnsafeMutablePointer<Int32>) -> Int {
        var written = 0
        var start = 0
        while start < count {
            let trie = start == 0 ? starts : continuations
            var place = ByteTrie.Place.root
            var position = start
            var id: Int32 = -1
            var end = start
            while position < count, let next = trie.step(place, word[position]) {
                place = next
                position &+= 1
                // No token ends inside a character.
                if next.token >= 0, position == count || word[position] & 0xC0 != 0x80 {
                    id = next.token
                    end = position
                }
            }
            guard id >= 0 else {
                target[0] = unknown
                return 1
            }
            target[written] = id
            written &+= 1
            start = end
        }
        return written
    }
}
