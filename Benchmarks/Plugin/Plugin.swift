internal import Foundation
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tensors

/// A shared object with kernels from outside, as `CKernels/include/mg_plugin.h` describes it.
final class Plugin: @unchecked Sendable {
    let path: String
    let family: String
    let variants: [PluginVariant]

    /// Loads it in a process of its own and asks what it has.
    ///
    /// - Throws: `UsageError` if there is no such file, or it is no plugin that this program can run.
    init(_ path: String) throws(UsageError) {
        func wrong(_ reason: String) -> UsageError { UsageError("--plugin \(path): \(reason)") }
        guard FileManager.default.fileExists(atPath: path) else { throw wrong("there is no such file") }
        // A path without a slash would be looked for in the system's folders.
        let file = URL(fileURLWithPath: path).path
        self.path = path
        let host = try PluginHost(file, workers: 1)
        do {
            let hello = try host.ask("hello")
            guard hello["abi"] == "\(PluginHeaders.abi)" else {
                throw wrong(
                    "it was built for version \(hello["abi"] ?? "?") of the interface, and this is version "
                        + "\(PluginHeaders.abi): build it again with these headers")
            }
            family = hello["family"] ?? ""
            guard let known = Catalog.family(named: family) else {
                let names = Catalog.families.map { $0.name }.joined(separator: ", ")
                throw wrong("its family is \"\(family)\"; there are \(names)")
            }
            let expected = known.argumentBytes
            guard let bytes = hello["bytes"].flatMap(Int.init), bytes == expected else {
                throw wrong(
                    "its mg_\(family) has \(hello["bytes"] ?? "?") bytes, and this program's has \(expected): "
                        + "build it again with these headers")
            }
            var name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            if name.hasPrefix("lib"), name.count > 3 { name.removeFirst(3) }
            var variants: [PluginVariant] = []
            for index in 0..<(hello["variants"].flatMap(Int.init) ?? 0) {
                func text(_ what: String) throws(PluginFault) -> String {
                    try host.ask("describe", [("variant", "\(index)"), ("what", what)])["text"] ?? ""
                }
                variants.append(
                    PluginVariant(
                        file: file, index: index, name: "\(name):\(try text("name"))",
                        needs: CPUFeatures(rawValue: UInt32(try text("needs")) ?? 0), story: try text("story")))
            }
            guard !variants.isEmpty else { throw wrong("it has no variants") }
            self.variants = variants
        } catch let fault as PluginFault {
            throw wrong("it cannot be loaded: \(fault)")
        } catch let error as UsageError {
            throw error
        } catch {
            throw wrong("\(error)")
        }
    }
}

extension KernelFamily {
    /// Size of the C argument struct.
    fileprivate static var argumentBytes: Int { edgeCases.first.map { layout(of: $0).bytes.count } ?? 0 }
}

/// One row of a plugin's table, with a process of its own: if it crashes, only it is gone.
final class PluginVariant: @unchecked Sendable {
    let name: String
    let needs: CPUFeatures
    let story: String
    private let file: String
    private let index: Int
    private var host: PluginHost?
    private var cpus: [Int] = []
    /// What the edge cases have shown; nil until they have run.
    private var examined: Check?

    init(file: String, index: Int, name: String, needs: CPUFeatures, story: String) {
        self.file = file
        self.index = index
        self.name = name
        self.needs = needs
        self.story = story
    }

    // MARK: - Its process

    /// The process that runs it on these CPUs: a new one if the last has ended or was elsewhere.
    func running(on cpus: [Int]) throws -> PluginHost {
        if let host, host.fault == nil, cpus == self.cpus { return host }
        self.cpus = cpus
        let host = try start(workers: max(1, cpus.count), cpus: cpus)
        self.host = host
        return host
    }

    private func start(workers: Int, cpus: [Int] = []) throws -> PluginHost {
        let host = try PluginHost(file, workers: workers, cpus: cpus)
        try host.ask("hello")
        return host
    }

    /// Why it does not compute the problem; nil if it does, or if it does not come to say.
    func refusal<Family: KernelFamily>(of problem: Family.Problem, family: Family.Type, cpus: [Int]) -> String? {
        guard let host = try? running(on: cpus) else { return nil }
        return try? refusal(Family.layout(of: problem), host)
    }

    private func refusal(_ layout: ArgumentLayout, _ host: PluginHost) throws -> String? {
        try host.ask("refuses", [("variant", "\(index)"), ("arguments", layout.hex)])["refused"]
    }

    /// Gives the process the operands.
    ///
    /// - Parameter exact: whether each ends at a page that cannot be touched, whatever its alignment.
    func open(_ layout: ArgumentLayout, _ operands: SharedOperands, exact: Bool, on host: PluginHost) throws {
        var fields = [
            ("variant", "\(index)"), ("arguments", layout.hex), ("file", operands.path), ("exact", exact ? "1" : "0"),
            ("poison", "\(Tensor<Float>.poison.bitPattern)"),
        ]
        for input in operands.inputs {
            guard let offset = layout.inputs[input.name] else {
                throw PluginFault(description: "\(input.name) has no place in the argument struct")
            }
            fields.append(("operand", "\(input.name):\(offset):\(input.offset):\(input.bytes):0"))
        }
        for (place, output) in zip(layout.outputs, operands.outputs) {
            fields.append(("operand", "\(place.name):\(place.offset):\(output.offset):\(output.bytes):1"))
        }
        try host.ask("open", fields)
    }

    // MARK: - Edge cases

    /// The first thing wrong with it on the problems and inputs of `mgbench verify`, found once for the whole run.
    func examine<Family: KernelFamily>(_ family: Family.Type, seed: UInt64, team: Team) -> Check? {
        if let examined {
            if case .wrong = examined { return examined }
            return nil
        }
        for problem in Family.edgeCases {
            for pattern in InputPattern.allCases {
                let check = examine(family, problem, Filling(seed: seed, pattern: pattern), team: team)
                if let check, case .wrong = check {
                    examined = check
                    edgeHost = nil
                    return check
                }
                if let check { examined = check }
            }
        }
        edgeHost = nil
        return nil
    }

    private var edgeHost: PluginHost?

    /// One case by one, two and three workers; nil if the variant refuses it.
    private func examine<Family: KernelFamily>(
        _ family: Family.Type, _ problem: Family.Problem, _ filling: Filling, team: Team
    ) -> Check? {
        let operands = Family.operands(for: problem, filling: filling)
        let expectation = Expectation<Family>(problem, operands: operands, team: team)
        let bound = Family.libraryBound(of: problem, operands: operands, reference: expectation.values)
        let place = "at \(problem), \(filling.pattern.rawValue) inputs"
        let layout = Family.layout(of: problem)
        var last: Check?
        var working = ""
        do {
            let host = try edgeHost ?? start(workers: 3)
            edgeHost = host
            if try refusal(layout, host) != nil { return nil }
            let shared = try SharedOperands(operands)
            try open(layout, shared, exact: true, on: host)
            for workers in 1...3 {
                working = workers == 1 ? ", 1 worker" : ", \(workers) workers"
                for output in operands.outputs { output.fill(Tensor<Float>.poison) }
                try host.ask("poison")
                _ = try host.run(times: 1, workers: workers)
                try host.ask("fetch")
                guard shared.read(into: operands.outputs) else { throw PluginFault(description: "it left no output") }
                let check = Check(
                    expectation.agreement(of: operands, within: bound), seed: filling.seed, afterTiming: false)
                if case .wrong(let record, let reason) = check {
                    return .wrong(record, reason: "\(reason), \(place)\(working)")
                }
                last = check
            }
        } catch {
            for output in operands.outputs { output.fill(Tensor<Float>.poison) }
            let check = Check(
                expectation.agreement(of: operands, within: bound), seed: filling.seed, afterTiming: false)
            return .wrong(check.record, reason: "\(error) \(place)\(working)")
        }
        return last
    }
}

extension ArgumentLayout {
    /// The struct's bytes as digits.
    fileprivate var hex: String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension SharedOperands.Place {
    /// Bytes of the values.
    fileprivate var bytes: Int { shape.reduce(1, *) * (element == "f32" ? 4 : element == "bf16" ? 2 : 1) }
}
