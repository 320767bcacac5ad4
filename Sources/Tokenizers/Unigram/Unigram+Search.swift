extension Unigram {
    /// Memory of the search, used again for each piece.
    final class Path {
        /// The best way to a place: its score, where its last token begins (-1: no way) and which it is.
        struct Cell {
            var score: Double
            var start: Int32
            var token: Int32
        }

        fileprivate(set) var cells: UnsafeMutablePointer<Cell> = .allocate(capacity: 64)
        private var capacity = 64
        /// The tokens of the last search.
        fileprivate(set) var tokens: [Token] = []

        deinit { cells.deallocate() }

        /// Ready for a piece of `count` bytes: nothing but its start is reached.
        fileprivate func clear(_ count: Int) {
            if capacity <= count {
                cells.deallocate()
                capacity = 2 * count + 64
                cells = .allocate(capacity: capacity)
            }
            cells.initialize(repeating: Cell(score: -.infinity, start: -1, token: -1), count: count + 1)
            cells[0].score = 0
            tokens.removeAll(keepingCapacity: true)
        }
    }

    /// The tokens of a piece of greatest probability; neighbouring unknown characters are one token.
    func best(_ piece: UnsafeBufferPointer<UInt8>, _ path: Path, without excluded: Int32 = -1) -> [Token] {
        guard let text = piece.baseAddress, !piece.isEmpty else { return [] }
        search(text, piece.count, path, without: excluded)
        return path.tokens
    }

    /// Finds them, into `path.tokens`.
    func search(_ text: UnsafePointer<UInt8>, _ count: Int, _ path: Path, without excluded: Int32 = -1) {
        let stepsBytes = if case .bytes = form { true } else { false }
        path.clear(count)
        scores.withUnsafeBufferPointer { scores in
            let cells = path.cells
            var position = 0
            while position < count {
                let length = stepsBytes ? 1 : UTF8Step.next(text, position, count).length
                let here = cells[position].score
                guard unknown != nil || here > -.infinity else {
                    position &+= 1
                    continue
                }
                var hasCharacter = false
                var place = ByteTrie.Place.root
                var end = position
                while end < count, let next = trie.step(place, text[end]) {
                    place = next
                    end &+= 1
                    let id = place.token
                    guard id >= 0, id != excluded else { continue }
                    let score = here + scores[Int(id)]
                    if cells[end].start < 0 || score > cells[end].score {
                        cells[end] = Path.Cell(score: score, start: Int32(position), token: id)
                    }
                    if end &- position == length { hasCharacter = true }
                }
                if !hasCharacter, let unknown {
                    let score = here + unknownScore
                    let end = position &+ length
                    if cells[end].start < 0 || score > cells[end].score {
                        cells[end] = Path.Cell(score: score, start: Int32(position), token: unknown)
                    }
                }
                position &+= length
            }
        }
        collect(count, path)
    }

    private func collect(_ count: Int, _ path: Path) {
        var end = count
        while end > 0, path.cells[end].start >= 0 {
            let cell = path.cells[end]
            let start = Int(cell.start)
            if cell.token == unknown, let last = path.tokens.last, last.id == unknown {
                path.tokens[path.tokens.count - 1].range = start..<last.range.upperBound
            } else {
                path.tokens.append(Token(id: cell.token, range: start..<end))
            }
            end = start
        }
        path.tokens.reverse()
    }
}
