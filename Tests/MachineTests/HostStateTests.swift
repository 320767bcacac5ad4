import Testing

@testable import Machine

@Suite("Control group")
struct ControlGroupTests {
    @Test("Version 2: the tightest limit from the process's group upward")
    func version2() throws {
        let files = [
            "a/b/cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n", "a/b/memory.max": "1073741824\n",
            "a/memory.max": "max\n", "memory.max": "2147483648\n",
        ]
        try withFolder(files) {
            let group = ControlGroup(root: $0, membership: "0::/a/b\n")
            #expect(group.cpuLimit == 1.5)
            #expect(group.memoryLimit == 1 << 30)
        }
    }

    @Test("Version 1: each controller has its own hierarchy")
    func version1() throws {
        let files = [
            "cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n",
            "cpu/job/cpu.cfs_quota_us": "200000\n", "cpu/job/cpu.cfs_period_us": "100000\n",
            "memory/memory.limit_in_bytes": "9223372036854771712\n",
            "memory/other/memory.limit_in_bytes": "4096\n",
            "memory/job/memory.limit_in_bytes": "536870912\n",
        ]
        let membership = "4:memory:/job\n1:cpu,cpuacct:/job\n0::/\n"
        try withFolder(files) {
            let group = ControlGroup(root: $0, membership: membership)
            #expect(group.cpuLimit == 2)
            #expect(group.memoryLimit == 1 << 29)
        }
    }

    @Test("Within a container the group's own folder is the mount")
    func container() throws {
        let files = ["cpu.max": "50000 100000\n", "memory.max": "max\n"]
        try withFolder(files) {
            let group = ControlGroup(root: $0, membership: "0::/docker/0123abcd\n")
            #expect(group.cpuLimit == 0.5)
            #expect(group.memoryLimit == nil)
        }
    }

    @Test(
        "Nothing there, or nonsense, is no limit",
        arguments: [[:], ["cpu.max": "", "memory.max": "much"], ["cpu.max": "100000 0"], ["cpu.max": "1"]])
    func nothing(files: [String: String]) throws {
        try withFolder(files) {
            let group = ControlGroup(root: $0, membership: "nonsense\n0:")
            #expect(group.cpuLimit == nil)
            #expect(group.memoryLimit == nil)
        }
    }
}

@Suite("Host state")
struct HostStateTests {
    @Test("Pages that are touched are in memory")
    func memory() throws {
        let before = try #require(ProcessMemory.now)
        #expect(before.resident > 1 << 20 && before.most >= before.resident)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 20, alignment: 4096)
        defer { room.deallocate() }
        room.initializeMemory(as: UInt8.self, repeating: 1)
        let after = try #require(ProcessMemory.now)
        #expect(room.allSatisfy { $0 == 1 } && after.most >= 64 << 20 && after.most >= before.most)
    }

    @Test("Stolen time is the eighth column")
    func cpuTime() throws {
        let earlier = try #require(HostState.parseCPUTime("cpu  10 0 10 70 0 0 5 5 3 1"))
        #expect(earlier == HostState.CPUTime(steal: 5, total: 100))
        let later = try #require(HostState.parseCPUTime("cpu  60 0 10 90 0 0 5 35 3 1"))
        #expect(later.stolenShare(since: earlier) == 0.3)
        #expect(earlier.stolenShare(since: earlier) == nil)
        #expect(HostState.parseCPUTime("cpu0 1 2 3 4 5 6 7 8") == nil)
        #expect(HostState.parseCPUTime("cpu 1 2 3") == nil)
        #expect(HostState.parseCPUTime("") == nil)
    }

    @Test("The mode in brackets is the one chosen")
    func hugePages() {
        #expect(HostState.chosen("always [madvise] never") == "madvise")
        #expect(HostState.chosen("][") == "unknown")
        #expect(HostState.chosen("") == "unknown")
    }

    @Test("This host tells its kernel and memory")
    func current() {
        let host = HostState.current
        #expect(host.kernel.hasPrefix("Linux "))
        #expect(host.memoryBytes > 0)
        #expect(host.loadAverage.count == 3)
        #expect(!host.governor.isEmpty && !host.virtualization.isEmpty)
        #expect(HostState.memoryLimit <= host.memoryBytes && HostState.memoryLimit > 0)
    }

    @Test("The clock never goes back, and two readings have a cost")
    func clock() {
        var last = MonotonicClock.now
        for _ in 0..<1000 {
            let now = MonotonicClock.now
            #expect(now >= last)
            last = now
        }
        #expect(MonotonicClock.measureQuality().resolution > 0)
    }
}
