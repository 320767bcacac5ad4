import Foundation
import Testing

@testable import Records
@testable import Reports

/// The checked-in JSON Schema against the Swift types: the same properties, the same required ones, and a real
/// validator accepts what Records writes and rejects what it never would.
struct SchemaTests {
    typealias Object = [String: Any]

    private func object(_ data: Data) throws -> Object {
        try #require(try JSONSerialization.jsonObject(with: data) as? Object)
    }

    private static func full() -> Run {
        var run = SampleRun.run(problems: 4)
        run.unfinished = RunProgress(contests: 4, total: 9)
        run.settings.against = ["torch"]
        run.settings.tuning = "derived from the caches"
        run.measurements += [imported(samples: [12, 13, 14]), imported(samples: [])]
        run.measurements[0].cost.arithmetic = .f32
        run.measurements[0].cost.written = 8
        run.measurements[0].cost.counting = "2 a value"
        run.measurements[0].roof?.doubt = "its probes do not agree"
        run.peaks[0].agreeing = 3
        run.measurements[0].packsOnce = true
        run.measurements[0].plugin = PluginRecord(
            path: "build/libmine.so", sha256: String(repeating: "0f", count: 32))
        run.measurements[0].cost.items = ItemCount(count: 512, unit: "tokens")
        run.measurements[0].setUps = [SetUp(count: 2, interrupted: [0], disturbed: [1]), SetUp(count: 3)]
        run.measurements[0].statistic?.setUps = 2
        return run
    }

    /// A row of another tool's file: with its samples, or with what the tool said of them.
    private static func imported(samples: [Double]) -> VariantRecord {
        var row = VariantRecord(
            family: "bencher", variant: "sums", kind: .imported, isa: .unknown, story: "a row of bencher",
            problem: ProblemRecord(label: "-", workload: "sums", axes: [:]), threads: 1, temperature: .hot,
            cost: CostRecord(flops: 0, bytes: 0), verdict: .imported(tool: "bencher"))
        row.samples = samples
        row.statistic = Statistic(samples)
        row.callsPerSample = samples.isEmpty ? 1 : 20
        if samples.isEmpty { row.reported = ReportedTime(of: "value", value: 12, low: 11, high: 13) }
        return row
    }

    /// A run that has nothing that may be absent.
    private static func bare() -> Run {
        var run = full()
        run.settings.against = nil
        run.settings.tuning = nil
        run.environment.blas = nil
        run.environment.revision = nil
        run.environment.dirty = nil
        run.environment.steal = nil
        run.unfinished = nil
        for index in run.peaks.indices { run.peaks[index].agreeing = nil }
        for index in run.measurements.indices {
            run.measurements[index].stopped = nil
            run.measurements[index].setUps = nil
            run.measurements[index].statistic?.setUps = nil
            run.measurements[index].plugin = nil
            run.measurements[index].packsOnce = nil
            run.measurements[index].cost.items = nil
            run.measurements[index].cost.arithmetic = nil
            run.measurements[index].cost.written = nil
            run.measurements[index].cost.counting = nil
            run.measurements[index].roof = nil
            run.measurements[index].reported?.low = nil
            run.measurements[index].reported?.high = nil
        }
        return run
    }

    // MARK: - Without a validator

    @Test func schemaAndTypesHaveTheSameProperties() throws {
        let schema = try object(Data(RunSchema.json.utf8))
        let definitions = try #require(schema["$defs"] as? [String: Object])
        let runs = try [Self.full(), Self.bare()].map { try object($0.json()) }
        var walked: Set<String> = []
        try walk(["$ref": "#/$defs/Run"], runs, at: "Run", definitions, &walked)
        // Nothing in the schema is left over.
        let objects = definitions.filter { $0.value["type"] as? String == "object" }.keys
        #expect(walked == Set(objects))
    }

    /// Holds the keys of all `instances`, which are of one schema, against its properties; then goes into each.
    private func walk(
        _ node: Object, _ instances: [Any], at path: String, _ definitions: [String: Object],
        _ walked: inout Set<String>
    ) throws {
        var schema = node
        var name: String?
        if let reference = node["$ref"] as? String {
            let last = String(reference.dropFirst("#/$defs/".count))
            schema = try #require(definitions[last], "\(reference)")
            name = last
        }
        if schema["type"] as? String == "array" {
            let items = try #require(schema["items"] as? Object)
            let elements = instances.flatMap { $0 as? [Any] ?? [] }
            try walk(items, elements, at: "\(path)[]", definitions, &walked)
            return
        }
        guard schema["type"] as? String == "object", let properties = schema["properties"] as? [String: Object] else {
            return
        }
        if let name { walked.insert(name) }
        let objects = try instances.map { try #require($0 as? Object, "\(path) is no object") }
        try #require(!objects.isEmpty, "the samples hold no \(path)")
        let keys = objects.map { Set($0.keys) }
        let ever = keys.reduce(into: Set<String>()) { $0.formUnion($1) }
        let always = keys.dropFirst().reduce(into: keys[0]) { $0.formIntersection($1) }
        #expect(ever == Set(properties.keys), "properties of \(path)")
        #expect(always == Set(schema["required"] as? [String] ?? []), "required of \(path)")
        for (key, property) in properties {
            try walk(property, objects.compactMap { $0[key] }, at: "\(path).\(key)", definitions, &walked)
        }
    }

    @Test func enumerationsAreThoseOfTheTypes() throws {
        let schema = try object(Data(RunSchema.json.utf8))
        let definitions = try #require(schema["$defs"] as? [String: Object])
        func cases(_ type: String, _ property: String) throws -> Set<String> {
            let properties = try #require(definitions[type]?["properties"] as? [String: Object])
            return Set(try #require(properties[property]?["enum"] as? [String]))
        }
        let temperatures = try #require(definitions["temperature"]?["enum"] as? [String])
        #expect(Set(temperatures) == Set(Temperature.allCases.map(\.rawValue)))
        func names<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> Set<String> {
            Set(type.allCases.map(\.rawValue))
        }
        #expect(try cases("VariantRecord", "kind") == names(EntrantKind.self))
        #expect(try cases("VariantRecord", "stopped") == names(StopReason.self))
        #expect(try cases("CostRecord", "arithmetic") == names(CostRecord.Arithmetic.self))
        #expect(try cases("RoofRecord", "bound") == names(RoofRecord.Bound.self))
        #expect(try cases("PeakRecord", "kind") == names(PeakRecord.Kind.self))
        #expect(try cases("CounterReading", "source") == names(CounterReading.Source.self))
        let verdicts: [Verdict] = [
            .verified, .skipped(reason: ""), .failed(reason: ""), .implausible(reason: ""), .imported(tool: ""),
        ]
        #expect(try cases("Verdict", "status") == Set(verdicts.map(\.status)))
    }

    @Test func theSchemaIsOfThisVersion() throws {
        let schema = try object(Data(RunSchema.json.utf8))
        #expect(schema["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
        let major = try #require(Run.schemaVersion.split(separator: ".").first)
        #expect(schema["$id"] as? String == "urn:mgbench:run:\(major)")
    }

    // MARK: - With one

    /// A change that makes a run wrong.
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var change: @Sendable (inout Object) -> Void

        init(_ name: String, _ change: @escaping @Sendable (inout Object) -> Void) {
            testDescription = name
            self.change = change
        }

        /// A change of the first measurement with the verdict `status`.
        static func measurement(
            _ name: String, _ status: String = "verified", _ change: @escaping @Sendable (inout Object) -> Void
        ) -> Fault {
            Fault(name) { run in
                guard var list = run["measurements"] as? [Object],
                    let index = list.firstIndex(where: { ($0["verdict"] as? Object)?["status"] as? String == status })
                else { return }
                change(&list[index])
                run["measurements"] = list
            }
        }
    }

    static let faults: [Fault] = [
        Fault("no schema") { $0["schema"] = nil },
        Fault("another major version") { $0["schema"] = "2.0" },
        Fault("a date without a zone") { $0["started"] = "2026-08-20 14:03:12" },
        Fault("negative wall time") { $0["seconds"] = -1 },
        Fault("measurements are an object") { $0["measurements"] = Object() },
        Fault("no environment") { $0["environment"] = nil },
        Fault("a warning that is a number") { $0["warnings"] = [1] },
        Fault("progress without a total") { $0["unfinished"] = ["contests": 1] },
        .measurement("verified without a statistic") { $0["statistic"] = nil },
        .measurement("verified without a verification") { $0["verification"] = nil },
        .measurement("verified without samples") { $0["samples"] = [Double]() },
        .measurement("a sample of zero") { $0["samples"] = [0.0] },
        .measurement("a sample that is text") { $0["samples"] = ["fast"] },
        .measurement("a verified variant with a reason") { $0["verdict"] = ["status": "verified", "reason": "luck"] },
        .measurement("an unknown kind") { $0["kind"] = "magic" },
        .measurement("an unknown temperature") { $0["temperature"] = "warm" },
        .measurement("no threads") { $0["threads"] = 0 },
        .measurement("an absent counter with a value") {
            $0["counters"] = [
                ["name": "IPC", "unit": "", "source": "absent", "reason": "r", "scaled": false, "value": 0] as Object
            ]
        },
        .measurement("an absent counter without a reason") {
            $0["counters"] = [["name": "IPC", "unit": "", "source": "absent", "scaled": false] as Object]
        },
        .measurement("a counted value that is missing") {
            $0["counters"] = [["name": "IPC", "unit": "", "source": "hardware", "scaled": false] as Object]
        },
        .measurement("a failed variant with a time", "failed") { $0["samples"] = [1.0] },
        .measurement("a skipped variant with a speed-up", "skipped") {
            $0["speedups"] = [["against": "blas", "ratio": 2.0, "low": 1.9, "high": 2.1] as Object]
        },
        .measurement("an imported row with a roof", "imported") {
            $0["roof"] =
                ["bound": "compute", "name": "r", "limit": 1.0, "reached": 1.0, "leastNanoseconds": 1.0] as Object
        },
        .measurement("a verified variant with another tool's time") { $0["reported"] = ["of": "mean", "value": 1] },
        .measurement("skipped without a reason", "skipped") { $0["verdict"] = ["status": "skipped"] },
        .measurement("an unknown verdict", "skipped") { $0["verdict"] = ["status": "lucky", "reason": "r"] },
    ]

    @Test func aValidatorAcceptsRunsAndRejectsFaults() throws {
        guard Validator.isInstalled else { try Test.cancel("python3 has no jsonschema 4 or later here") }
        var instances = try [Self.full(), Self.bare(), Run(json: Self.full().json(), name: "again")].map {
            try object($0.json())
        }
        var open = instances[0]
        open["mood"] = "a property of a later version"
        instances.append(open)
        let accepted = instances.count
        for fault in Self.faults {
            var wrong = instances[0]
            fault.change(&wrong)
            instances.append(wrong)
        }
        let verdicts = try Validator.validate(instances, against: RunSchema.json)
        try #require(verdicts.count == instances.count)
        for (index, verdict) in verdicts.prefix(accepted).enumerated() { #expect(verdict == "", "instance \(index)") }
        for (fault, verdict) in zip(Self.faults, verdicts.dropFirst(accepted)) {
            #expect(verdict != "", "accepted: \(fault.testDescription)")
        }
    }
}

/// Python's jsonschema, which knows draft 2020-12 since version 4.
private enum Validator {
    static let script = """
        import json, sys
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        errors = lambda run: next((e.json_path + ": " + e.message[:200] for e in validator.iter_errors(run)), "")
        print(json.dumps([errors(run) for run in json.load(open(sys.argv[2]))]))
        """

    static var isInstalled: Bool {
        (try? run(["-c", "from jsonschema import Draft202012Validator"]))?.status == 0
    }

    /// For each instance the first error, or nothing.
    static func validate(_ instances: [[String: Any]], against schema: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("schema-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let files = ["schema.json", "runs.json"].map { folder.appendingPathComponent($0) }
        try Data(schema.utf8).write(to: files[0])
        try JSONSerialization.data(withJSONObject: instances).write(to: files[1])
        let result = try run(["-c", script] + files.map(\.path))
        #expect(result.status == 0)
        return try JSONDecoder().decode([String].self, from: result.output)
    }

    private static func run(_ arguments: [String]) throws -> (status: Int32, output: Data) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, data)
    }
}
