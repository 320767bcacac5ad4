internal import Glibc

/// What the operating system has counted for this process, all threads together.
struct ProcessUsage {
    /// User and system time: nanoseconds, in steps of the system's choosing.
    var cpuNanoseconds: Int
    var faultsWithoutDisk: Int
    var faultsFromDisk: Int
    /// Switches because the process waited.
    var voluntarySwitches: Int
    /// Switches because another task took the CPU.
    var involuntarySwitches: Int

    static var now: ProcessUsage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func nanoseconds(_ time: timeval) -> Int { Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_usec) * 1000 }
        return ProcessUsage(
            cpuNanoseconds: nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime),
            faultsWithoutDisk: usage.ru_minflt, faultsFromDisk: usage.ru_majflt,
            voluntarySwitches: usage.ru_nvcsw, involuntarySwitches: usage.ru_nivcsw)
    }
}
