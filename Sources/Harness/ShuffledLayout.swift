/// Blocks of random sizes that lie between what is allocated before and after: each set-up of a trial then has other
/// addresses. Where memory lies can make code some tenths of a per cent faster or slower for as long as it stays there
/// (Mytkowicz et al. 2009; Curtsinger and Berger 2013), which would be taken for a difference of the sides.
struct ShuffledLayout: ~Copyable {
    private var blocks: [UnsafeMutableRawPointer] = []

    mutating func shuffle() {
        let fresh = (0..<Int.random(in: 1...32)).map { _ in
            UnsafeMutableRawPointer.allocate(byteCount: 16 * Int.random(in: 1...128), alignment: 16)
        }
        blocks.forEach { $0.deallocate() }
        blocks = fresh
    }

    deinit { blocks.forEach { $0.deallocate() } }
}
