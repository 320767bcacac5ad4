internal import Synchronization

/// Memory that is lent to one call each and outlives it, like caches. There are as many as calls that ran at one time.
final class CachePool<Cache: AnyObject>: Sendable {
    private struct Lent: @unchecked Sendable { let cache: Cache }  // One owner at a time.
    private let free = Mutex<[Lent]>([])
    private let make: @Sendable () -> Cache

    init(_ make: @escaping @Sendable () -> Cache) { self.make = make }

    func with<Result>(_ body: (Cache) -> Result) -> Result {
        let lent = free.withLock { $0.popLast() } ?? Lent(cache: make())
        defer { free.withLock { $0.append(lent) } }
        return body(lent.cache)
    }
}
