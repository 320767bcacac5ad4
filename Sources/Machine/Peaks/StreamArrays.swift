internal import Glibc

/// Memory of the bandwidth probes, on large pages where the system grants them.
final class StreamArrays {
    let pointer: UnsafeMutablePointer<Float>
    private let floats: Int
    private let grain: Int

    /// - Returns: nil if the system has not that much memory.
    init?(bytes: Int, workers: Int) {
        // Four streams of whole 64-byte vectors for every worker; the arrays begin at multiples of 1 KiB.
        grain = 256 * workers
        floats = max(bytes / 4, 3 * grain)
        let largePage = 2 << 20
        let room = (floats * 4 + largePage - 1) / largePage * largePage
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, largePage, room) == 0, let memory else { return nil }
        madvise(memory, room, MADV_HUGEPAGE)
        memset(memory, 0, room)
        pointer = memory.bindMemory(to: Float.self, capacity: floats)
    }

    deinit { free(pointer) }

    /// Floats of each of `arrays` arrays that share the memory, a whole number of vectors for every worker's streams.
    func count(sharedBy arrays: Int) -> Int { floats / arrays / grain * grain }
}
