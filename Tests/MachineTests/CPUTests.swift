import Testing

@testable import Machine

@Suite("CPU")
struct CPUTests {
    @Test("The features are those that Linux lists")
    func featuresMatchLinux() throws {
        let cpuinfo = try #require(TextFile.contents("/proc/cpuinfo"))
        let flags = CPU.flags(cpuinfo: cpuinfo)
        #if arch(x86_64)
            let required: [(CPUFeatures, Set<String>)] = [
                (.sse2, ["sse2"]), (.avx2, ["avx2"]), (.fma, ["fma"]), (.f16c, ["f16c"]),
                (.avx512, ["avx512f", "avx512bw", "avx512dq", "avx512vl"]), (.avx512VNNI, ["avx512_vnni"]),
                (.avx512BF16, ["avx512_bf16"]), (.avxVNNI, ["avx_vnni"]), (.neon, ["asimd"]),
            ]
        #else
            let required: [(CPUFeatures, Set<String>)] = [
                (.neon, ["asimd"]), (.dotprod, ["asimddp"]), (.armBF16, ["bf16"]), (.avx2, ["avx2"]),
            ]
        #endif
        for (feature, names) in required {
            #expect(CPU.features.contains(feature) == names.isSubset(of: flags), "\(feature)")
        }
    }

    @Test("Features print by name, in one order")
    func names() {
        let features: CPUFeatures = [.fma, .avx2, .avx512BF16]
        #expect(features.names == ["avx2", "fma", "avx512bf16"])
        #expect(features.description == "avx2+fma+avx512bf16")
        #expect(CPUFeatures().description == "")
        #expect(Set(CPUFeatures(rawValue: .max).names).count == 11)
    }

    @Test("A processor without a name is called by its numbers")
    func armPart() {
        let cpuinfo = """
            processor\t: 0
            Features\t: fp asimd asimddp
            CPU implementer\t: 0x41
            CPU part\t: 0xd40
            """
        #expect(CPU.part(cpuinfo: cpuinfo) == "implementer 0x41 part 0xd40")
        #expect(CPU.part(cpuinfo: "processor : 0") == nil)
        #expect(CPU.flags(cpuinfo: cpuinfo) == ["fp", "asimd", "asimddp"])
        #expect(CPU.flags(cpuinfo: "").isEmpty)
        #expect(!CPU.brand.isEmpty)
    }
}
