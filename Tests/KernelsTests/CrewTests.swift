import Kernels
import Testing

@Suite("Crew")
struct CrewTests {
    @Test("Work for one goes to one, work for all to all, and never to more than there are")
    func sizes() {
        let crew = Crew(leastNanoseconds: 500, f32PerNanosecond: 100, bytesPerNanosecond: 50)
        func size(_ operations: Double, _ bytes: Double, _ arithmetic: Cost.Arithmetic = .f32, of team: Int = 4) -> Int
        {
            crew.size(for: Cost(operations: operations, bytes: bytes, arithmetic: arithmetic), of: team)
        }
        #expect(size(0, 0) == 1)
        #expect(size(99_999, 0) == 1)  // 999.99 ns are not twice 500
        #expect(size(100_000, 0) == 2)
        #expect(size(100_000, 0, .bf16) == 1)
        #expect(size(400_000, 0, .int8) == 2)
        #expect(size(0, 75_000) == 3)  // bytes bind
        #expect(size(1e30, 0) == 4)
        #expect(size(1e9, 1e9, of: 1) == 1)
    }

    @Test("A product of 64 cubed is worth two workers; a softmax of 16 by 16 one")
    func smallProblems() {
        #expect(Crew().size(for: Matmul.cost(of: Matmul.Problem(m: 64, n: 64, k: 64)), of: 2) == 2)
        #expect(Crew().size(for: Softmax.cost(of: Softmax.Problem(rows: 16, columns: 16)), of: 2) == 1)
    }
}
