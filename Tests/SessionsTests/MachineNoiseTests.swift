import Records
import Sessions
import Testing

@Suite struct MachineNoiseTests {
    @Test func theSameWorkIsSampledAsOftenAsAsked() throws {
        let noise = try #require(try MachineNoise.measure(samples: 12))
        #expect(noise.statistic.count == 12 && noise.statistic.median > 1000)
        #expect(noise.spread >= 0 && noise.worst >= 1)
        if let stolen = noise.stolen { #expect((0...1).contains(stolen)) }
    }
}
