import CMachine
import Glibc
import Testing

@testable import Machine

/// Numbers that a team's workers write and read. Each worker has a slot of its own; the tests look after the call.
private final class Slots {
    let numbers: UnsafeMutablePointer<Int64>
    let count: Int

    init(_ count: Int) {
        self.count = count
        numbers = .allocate(capacity: count)
        numbers.initialize(repeating: 0, count: count)
    }

    deinit { numbers.deallocate() }

    var values: [Int64] { Array(UnsafeBufferPointer(start: numbers, count: count)) }
}

private func slots(_ arguments: UnsafeRawPointer?) -> UnsafeMutablePointer<Int64> {
    UnsafeMutableRawPointer(mutating: arguments!).assumingMemoryBound(to: Int64.self)
}

@Suite("Team", .serialized)
struct TeamTests {
    private static var cpus: Int { Topology.current.cpuset.count }

    @Test("Every worker runs a call exactly once", arguments: [1, 2, 3, 8])
    func everyWorkerOnce(workers: Int) throws {
        let team = try Team(workers: workers)
        let seen = Slots(workers + 1)
        team.run({ slots($0)[Int($1!.pointee.index)] += Int64($1!.pointee.count) }, seen.numbers)
        #expect(seen.values == Array(repeating: Int64(workers), count: workers) + [0])
    }

    @Test("A call for some workers is run by these alone, and a barrier counts these")
    func someWorkers() throws {
        let team = try Team(workers: 3)
        let seen = Slots(4)
        for call in 0..<3_000 {
            let most = [1, 2, 3, 2, 1, 3][call % 6]
            team.run(
                { arguments, work in
                    mg_work_wait(work)
                    slots(arguments)[Int(work!.pointee.index)] += Int64(work!.pointee.count)
                }, seen.numbers, workerLimit: most)
        }
        // A round of six calls adds 1 + 2 + 3 + 2 + 1 + 3 to the first worker, 2 + 3 + 2 + 3 to the second, 3 + 3 to the third.
        #expect(seen.values == [6_000, 5_000, 3_000, 0])
        team.run({ slots($0)[3] += Int64($1!.pointee.count) }, seen.numbers, workerLimit: 0)
        #expect(seen.values[3] == 1)
        team.run(
            { arguments, work in if work!.pointee.index == 2 { slots(arguments)[3] += Int64(work!.pointee.count) } },
            seen.numbers, workerLimit: 9)
        #expect(seen.values[3] == 4)
    }

    @Test("10 000 calls in a row lose none", arguments: [1, 2, 5])
    func manyCalls(workers: Int) throws {
        let team = try Team(workers: workers)
        let seen = Slots(workers)
        for _ in 0..<10_000 {
            team.run({ slots($0)[Int($1!.pointee.index)] += 1 }, seen.numbers)
        }
        #expect(seen.values.allSatisfy { $0 == 10_000 })
    }

    @Test("A barrier lets nobody through before all have come", arguments: [2, 3, 8])
    func barrierOrdersPhases(workers: Int) throws {
        let team = try Team(workers: workers)
        // A number for each worker, then a count of the phases that a worker found wrong.
        let seen = Slots(2 * workers)
        team.run(
            { arguments, work in
                let slots = slots(arguments)
                let index = Int(work!.pointee.index)
                let count = Int(work!.pointee.count)
                for phase in 1...Int64(200) {
                    slots[index] = phase
                    mg_work_wait(work)
                    if (0..<count).contains(where: { slots[$0] != phase }) { slots[count + index] += 1 }
                    mg_work_wait(work)
                }
            }, seen.numbers)
        #expect(seen.values == Array(repeating: 200, count: workers) + Array(repeating: 0, count: workers))
    }

    @Test("Workers that went to sleep wake up for the next call")
    func wakesSleepers() throws {
        let team = try Team(workers: 3)
        let seen = Slots(3)
        for _ in 0..<5 {
            // Longer than any worker spins; how long exactly does not matter.
            var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
            nanosleep(&pause, nil)
            team.run({ slots($0)[Int($1!.pointee.index)] += 1 }, seen.numbers)
        }
        #expect(seen.values == [5, 5, 5])
    }

    @Test("Several pinned workers on one CPU finish")
    func crowdedCPU() throws {
        let cpu = try #require(Topology.current.cpuset.first)
        let team = try Team(workers: 4, cpus: [cpu, cpu, cpu, cpu])
        let seen = Slots(4)
        for _ in 0..<100 {
            team.run(
                { arguments, work in
                    slots(arguments)[Int(work!.pointee.index)] += 1
                    mg_work_wait(work)
                }, seen.numbers)
        }
        #expect(seen.values == [100, 100, 100, 100])
    }

    @Test("Workers run on their CPUs, and the caller gets its own back")
    func pinning() throws {
        func allowed() -> [Int32] {
            var cpus = [Int32](repeating: -1, count: 1024)
            return Array(cpus.prefix(Int(mg_allowed_cpus(&cpus, Int32(cpus.count)))))
        }
        let before = allowed()
        let places = Topology.current.placement(workers: Topology.current.usableCores.count)
        // The second team's threads are made by a pinned caller.
        for _ in 0..<2 {
            let team = try Team(workers: places.count, cpus: places)
            let seen = Slots(places.count)
            team.run({ slots($0)[Int($1!.pointee.index)] = Int64(mg_current_cpu()) }, seen.numbers)
            #expect(seen.values.map(Int.init) == places)
            #expect(team.cpus == places)
        }
        #expect(allowed() == before)
    }

    @Test("A CPU that does not exist is refused")
    func refusesMissingCPU() {
        #expect(throws: TeamError.self) { try Team(workers: 2, cpus: [1 << 20, 1 << 20]) }
        #expect(throws: TeamError.self) { try Team(workers: 1, cpus: [1 << 20]) }
        #expect(TeamError(workers: 3, cpus: [1, 2, 3]).description.contains("3 threads on CPUs 1, 2, 3"))
    }

    @Test("Workers take over the caller's treatment of denormals", arguments: [Int32(0), 1])
    func denormals(flush: Int32) throws {
        let team = try Team(workers: 3)
        let seen = Slots(3)
        let before = mg_flush_denormals(flush)
        defer { mg_flush_denormals(before) }
        for _ in 0..<2 {
            team.run(
                { arguments, work in
                    // Setting tells what was set.
                    let state = mg_flush_denormals(0)
                    mg_flush_denormals(state)
                    slots(arguments)[Int(work!.pointee.index)] = Int64(state)
                }, seen.numbers)
        }
        #expect(seen.values == [Int64(flush), Int64(flush), Int64(flush)])
    }

    @Test("Ranges cover everything once, in whole grains")
    func ranges() {
        for (total, grain, count) in [(0, 1, 3), (1, 16, 4), (100, 16, 3), (64, 16, 4), (7, 1, 2), (1000, 7, 5)] {
            var next: Int64 = 0
            for index in 0..<count {
                var work = mg_work(index: Int32(index), count: Int32(count), barrier: nil)
                var from: Int64 = -1
                var to: Int64 = -1
                mg_work_range(&work, Int64(total), Int64(grain), &from, &to)
                #expect(from == next && to >= from)
                #expect(from % Int64(grain) == 0 || from == Int64(total))
                next = to
            }
            #expect(next == Int64(total))
        }
    }
}
