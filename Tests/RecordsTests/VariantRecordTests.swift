import Foundation
import Testing

@testable import Records

/// The types of a row's fields, and files from before they had them.
@Suite struct VariantRecordTests {
    @Test(arguments: ["baseline", "any", "unknown", "avx512", "avx2+fma+f16c"])
    func instructionSetsAreOneStringInAFile(_ text: String) throws {
        let sets = try JSONDecoder().decode([InstructionSets].self, from: Data("[\"\(text)\"]".utf8))
        #expect(sets == [InstructionSets(rawValue: text)] && sets[0].description == text)
        #expect(String(decoding: try JSONEncoder().encode(sets), as: UTF8.self) == "[\"\(text)\"]")
    }

    @Test func featuresByNameAreWhatAFileNames() {
        #expect(InstructionSets(features: []) == .baseline)
        #expect(InstructionSets(features: ["avx2", "fma"]) == InstructionSets(rawValue: "avx2+fma"))
    }

    /// The JSON of the fixture, its second row changed.
    private func read(_ change: (inout [String: Any]) -> Void) throws -> VariantRecord {
        var run = try #require(try JSONSerialization.jsonObject(with: RunFixture.run.json()) as? [String: Any])
        var rows = try #require(run["measurements"] as? [[String: Any]])
        change(&rows[1])
        run["measurements"] = rows
        return try Run(json: JSONSerialization.data(withJSONObject: run), name: "old.json").measurements[1]
    }

    @Test func aFileFromBeforeModelsHadAKindIsRead() throws {
        // As `run --suite tokenizer` and `--suite decode` wrote it.
        let row = try read {
            $0["kind"] = "model"
            $0["isa"] = "any"
            $0["cost"] = ["flops": 1.0, "bytes": 2.0]
        }
        #expect(row.kind == .model && row.isa == .any && row.cost == CostRecord(flops: 1, bytes: 2))
    }

    @Test func aKindThatIsNoneIsNamed() {
        #expect {
            try read { $0["kind"] = "magic" }
        } throws: { error in
            (error as? RunFileError)?.description.contains(".measurements[1].kind") == true
        }
    }

    @Test func anOlderFileStandsForTheSameWork() throws {
        var old = RunFixture.run
        old.measurements[0].cost.arithmetic = nil
        var new = old
        new.measurements[0].cost.arithmetic = .bf16
        #expect(try old.differences(from: new).isEmpty)
        new.measurements[0].cost.flops += 1
        #expect(try old.differences(from: new).map(\.field) == ["measurements[0].cost"])
    }

    @Test func whatIsHeldAgainstIsNoVariantOfOurs() {
        #expect(Set(EntrantKind.allCases.filter(\.isRival)) == [.reference, .blas, .library])
    }
}
