import Glibc

/// Bytes that malloc has handed out and not taken back, of all threads.
enum AllocationCount {
    static var now: Int {
        let information = mallinfo2()
        return Int(information.uordblks) + Int(information.hblkhd)
    }
}
