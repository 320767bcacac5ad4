import Foundation
import Testing

@testable import Records

struct RunCodingTests {
    @Test func aRunSurvivesItsJSON() throws {
        let run = RunFixture.run
        #expect(try Run(json: run.json(), name: "run.json") == run)
    }

    @Test func jsonIsTheSameEachTime() throws {
        #expect(try RunFixture.run.json() == RunFixture.run.json())
    }

    @Test func anAbsentCounterHasNoValueInJSON() throws {
        let text = String(decoding: try RunFixture.run.json(), as: UTF8.self)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let measurements = try #require(object["measurements"] as? [[String: Any]])
        let counters = try #require(measurements[0]["counters"] as? [[String: Any]])
        #expect(counters[1]["source"] as? String == "absent")
        #expect(counters[1]["value"] == nil)
        #expect(counters[0]["value"] as? Double == 0)
    }

    @Test(arguments: ["skipped", "failed", "implausible"])
    func whatIsNotVerifiedHasNoTimeInJSON(status: String) throws {
        let object = try #require(
            try JSONSerialization.jsonObject(with: RunFixture.run.json()) as? [String: Any])
        let measurements = try #require(object["measurements"] as? [[String: Any]])
        let one = try #require(measurements.first { ($0["verdict"] as? [String: Any])?["status"] as? String == status })
        #expect(one["statistic"] == nil)
        #expect((one["samples"] as? [Double])?.isEmpty == true)
        #expect((one["verdict"] as? [String: Any])?["reason"] as? String != nil)
    }

    @Test func aNumberThatIsNotFiniteIsRefused() {
        var run = RunFixture.run
        run.seconds = .nan
        #expect(throws: EncodingError.self) { try run.json() }
        run.seconds = .infinity
        #expect(throws: EncodingError.self) { try run.json() }
    }

    @Test func failuresAreKnown() {
        var run = RunFixture.run
        #expect(run.hasFailures)
        run.measurements = run.measurements.filter { $0.verdict.status == "implausible" }
        #expect(run.hasFailures)
        run.measurements = RunFixture.run.measurements.filter { ["verified", "skipped"].contains($0.verdict.status) }
        #expect(!run.hasFailures)
    }

    // MARK: - What is refused, and how it is said

    /// The fixture's JSON after `change`, read back.
    private func error(of change: (inout [String: Any]) -> Void) throws -> String {
        var object = try #require(try JSONSerialization.jsonObject(with: RunFixture.run.json()) as? [String: Any])
        change(&object)
        let data = try JSONSerialization.data(withJSONObject: object)
        do {
            _ = try Run(json: data, name: "kept.json")
            return ""
        } catch {
            return error.description
        }
    }

    private func changeMeasurement(_ object: inout [String: Any], _ change: (inout [String: Any]) -> Void) {
        guard var list = object["measurements"] as? [[String: Any]] else { return }
        change(&list[1])
        object["measurements"] = list
    }

    @Test func aMissingFieldIsNamed() throws {
        let text = try error { $0["environment"] = nil }
        #expect(text == "kept.json: not a run of mgbench: field .environment is missing")
    }

    @Test func aFieldDeepInsideIsNamedWithItsPlace() throws {
        let text = try error { run in changeMeasurement(&run) { $0["variant"] = nil } }
        #expect(text == "kept.json: not a run of mgbench: field .measurements[1].variant is missing")
    }

    @Test func aWrongTypeIsNamed() throws {
        let text = try error { run in changeMeasurement(&run) { $0["threads"] = "two" } }
        #expect(text.contains("field .measurements[1].threads should be Int"))
    }

    @Test func anUnknownVerdictIsNamed() throws {
        let text = try error { run in changeMeasurement(&run) { $0["verdict"] = ["status": "lucky"] } }
        #expect(text.contains(".measurements[1].verdict.status"))
        #expect(text.contains("\"lucky\""))
    }

    @Test func anotherMajorVersionIsRefusedAndAnotherMinorRead() throws {
        #expect(try error { $0["schema"] = "2.0" } == "kept.json: schema 2.0 is not 1.1 or compatible with it")
        #expect(try error { $0["schema"] = "1.7" } == "")
    }

    @Test func unknownFieldsAreIgnored() throws {
        #expect(try error { $0["mood"] = "good" } == "")
    }

    @Test(arguments: ["", "{", "[1, 2]", "{\"a\": 1}", "not json at all", "\u{FEFF}", "null"])
    func whatIsNoRunIsOneLine(text: String) {
        #expect {
            try Run(json: Data(text.utf8), name: "x.json")
        } throws: { error in
            guard let error = error as? RunFileError else { return false }
            return error.description.hasPrefix("x.json: not a run of mgbench: ") && !error.description.contains("\n")
        }
    }
}
