/// Turns tokens into pieces of text that can be shown at once: whole UTF-8, and nothing that may yet become a stop string.
public struct TextStream {
    private let stops: [[UInt8]]
    private var pending: [UInt8] = []
    /// Whether a stop string was found: no text follows.
    public private(set) var isStopped = false

    public init(stops: [String] = []) {
        self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty }
        pending.reserveCapacity(256)
    }

    /// Adds a token's bytes, and hands out what can be shown.
    public mutating func add(_ bytes: some Sequence<UInt8>, _ show: (ArraySlice<UInt8>) -> Void) {
        guard !isStopped else { return }
        pending.append(contentsOf: bytes)
        if let end = stopStart() {
            isStopped = true
            if end > 0 { show(pending[..<end]) }
            pending.removeAll(keepingCapacity: true)
            return
        }
        let ready = min(pending.count - heldBack(), wholeCharacters())
        if ready > 0 {
            show(pending[..<ready])
            pending.removeFirst(ready)
        }
    }

    /// Hands out what was held back, at the end of a text.
    public mutating func finish(_ show: (ArraySlice<UInt8>) -> Void) {
        if !pending.isEmpty { show(pending[...]) }
        pending.removeAll(keepingCapacity: true)
    }

    /// Where the first stop string begins.
    private func stopStart() -> Int? {
        guard !stops.isEmpty else { return nil }
        for start in pending.indices {
            for stop in stops where pending[start...].starts(with: stop) { return start }
        }
        return nil
    }

    /// Bytes at the end that may be the beginning of a stop string.
    private func heldBack() -> Int {
        var most = 0
        for stop in stops {
            var count = min(stop.count - 1, pending.count)
            while count > most, !pending.suffix(count).elementsEqual(stop.prefix(count)) { count -= 1 }
            most = max(most, count)
        }
        return most
    }

    /// Bytes up to a character that is not whole yet.
    private func wholeCharacters() -> Int {
        var start = pending.count
        // A character has at most four bytes: its first one is among the last four.
        for back in 1...4 where back <= pending.count {
            let byte = pending[pending.count - back]
            if byte & 0xc0 == 0x80 { continue }
            let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
            start = length > back ? pending.count - back : pending.count
            break
        }
        return start
    }
}
