internal import Synchronization

/// Caches that are lent to one call each and outlive it. Their number is that of calls that ran at one time.
final class CachePool: Sendable {
    private struct Lent: @unchecked Sendable { let cache: PieceCache }  // One owner at a time.
    private let free = Mutex<[Lent]>([])

    func with<Result>(_ body: (PieceCache) -> Result) -> Result {
        let lent = free.withLock { $0.popLast() } ?? Lent(cache: PieceCache())
        defer { free.withLock { $0.append(lent) } }
        return body(lent.cache)
    }
}
