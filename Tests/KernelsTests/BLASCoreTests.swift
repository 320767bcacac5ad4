import Kernels
import Machine
import Testing

@Suite struct BLASCoreTests {
    private static let wide: CPUFeatures = CPUFeatures.avx512.union([.avx2, .fma, .f16c])
    private static let middle: CPUFeatures = [.avx2, .fma, .f16c]

    @Test func aCoreAsWideAsTheCPUIsNotRemarkedOn() {
        for name in ["SkylakeX", "Cooperlake", "SapphireRapids"] {
            #expect(BLASCore(name: name, forced: nil).remark(on: Self.wide) == nil)
        }
        for name in ["Haswell", "Zen", "SkylakeX"] {
            #expect(BLASCore(name: name, forced: "").remark(on: Self.middle) == nil)
        }
        // Of another architecture, or newer than this list.
        #expect(BLASCore(name: "NEOVERSEN1", forced: nil).remark(on: [.neon]) == nil)
        #expect(BLASCore(name: "Tomorrow", forced: nil).remark(on: Self.wide) == nil)
    }

    @Test func aNarrowerCoreIsNamedWithTheWayOut() throws {
        let remark = try #require(BLASCore(name: "Prescott", forced: nil).remark(on: Self.wide))
        #expect(remark.contains("Prescott (SSE)") && remark.contains("OPENBLAS_CORETYPE=SkylakeX"))
        let older = try #require(BLASCore(name: "Sandybridge", forced: nil).remark(on: Self.middle))
        #expect(older.contains("Sandybridge (AVX)") && older.contains("OPENBLAS_CORETYPE=Haswell"))
        #expect(BLASCore(name: "Haswell", forced: nil).remark(on: Self.wide)?.contains("AVX-512") == true)
    }

    @Test func aForcedCoreIsNamedWhateverItIs() {
        let remark = BLASCore(name: "SkylakeX", forced: "SkylakeX").remark(on: Self.wide)
        #expect(remark?.contains("OPENBLAS_CORETYPE=SkylakeX") == true)
    }
}
