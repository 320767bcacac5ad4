import Foundation
import Interchange
import Testing

@Suite struct LlamaBenchTests {
    private let rows: [LlamaBenchRow] = {
        let setting = LlamaBenchRow.Setting(
            version: "0.1.0", cpu: "A \"fast\" CPU", batch: 256, file: "m.gguf", model: "tiny", bytes: 3 << 20,
            parameters: 1_500_000, threads: 2, cache: "f32")
        let time = Date(timeIntervalSince1970: 0)
        return [
            LlamaBenchRow(setting, prompt: 512, generated: 0, nanoseconds: [1e9, 2e9], at: time),
            LlamaBenchRow(setting, prompt: 0, generated: 128, nanoseconds: [1e9], at: time),
        ]
    }()

    @Test func markdownHasLlamaBenchsColumns() throws {
        #expect(
            try LlamaBenchFormat.md.text(rows) == """
                | model | size | params | backend | threads | test | t/s |
                | --- | ---: | ---: | --- | ---: | ---: | ---: |
                | tiny | 3.00 MiB | 1.50 M | mgbench | 2 | pp512 | 384.00 ± 181.02 |
                | tiny | 3.00 MiB | 1.50 M | mgbench | 2 | tg128 | 128.00 ± 0.00 |

                """)
    }

    @Test func csvQuotesEveryField() throws {
        let lines = try LlamaBenchFormat.csv.text(rows).split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("build_commit,build_number,cpu_info,backends,model_filename"))
        #expect(
            lines[1].hasPrefix("\"0.1.0\",\"0\",\"A \"\"fast\"\" CPU\",\"mgbench\",\"m.gguf\",\"tiny\",\"3145728\""))
        #expect(
            lines[1].hasSuffix("\"1970-01-01T00:00:00Z\",\"1500000000\",\"707106781\",\"384.000000\",\"181.019336\""))
    }

    @Test func jsonKeepsTheSamples() throws {
        let data = Data(try LlamaBenchFormat.json.text(rows).utf8)
        let read = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(read.map { $0["n_gen"] as? Int } == [0, 128])
        #expect(read[0]["samples_ns"] as? [Double] == [1e9, 2e9] && read[0]["avg_ts"] as? Double == 384)
    }
}
