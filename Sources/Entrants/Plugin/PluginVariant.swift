internal import Harness
internal import Kernels
public import Machine
public import Records
internal import Tensors

/// One row of a plugin's table, with a process of its own: if it crashes, only it is gone.
public final class PluginVariant: @unchecked Sendable {
    public let name: String
    public let needs: CPUFeatures
    /// The file that it came from.
    public let record: PluginRecord
    let story: String
    /// What the processor can do that runs it.
    public let features: CPUFeatures
    private let file: String
    private let index: Int
    private let command: PluginHostCommand
    private var host: PluginHost?
    private var cpus: [Int] = []
    /// What the edge cases have shown; nil until they have run.
    var examined: Check?
    /// The process that runs edge cases, and how many have ended before it.
    var examiner: PluginHost?
    public internal(set) var ends = 0

    init(
        file: String, record: PluginRecord, index: Int, by command: PluginHostCommand, on features: CPUFeatures,
        name: String, needs: CPUFeatures, story: String
    ) {
        self.file = file
        self.record = record
        self.index = index
        self.command = command
        self.features = features
        self.name = name
        self.needs = needs
        self.story = story
    }

    /// The process that runs it on these CPUs: a new one if the last has ended or was elsewhere.
    func running(on cpus: [Int]) throws -> PluginHost {
        if let host, host.fault == nil, cpus == self.cpus { return host }
        self.cpus = cpus
        let host = try start(workers: max(1, cpus.count), cpus: cpus)
        self.host = host
        return host
    }

    func start(workers: Int, cpus: [Int] = []) throws -> PluginHost {
        let host = try PluginHost(command, file, workers: workers, cpus: cpus)
        try host.ask("hello")
        return host
    }

    /// Why it does not compute the problem; nil if it does, or if it does not come to say.
    func refusal<Family: KernelFamily>(of problem: Family.Problem, family: Family.Type, cpus: [Int]) -> String? {
        guard let host = try? running(on: cpus) else { return nil }
        return try? refusal(Family.layout(of: problem), host)
    }

    func refusal(_ layout: ArgumentLayout, _ host: PluginHost) throws -> String? {
        guard !layout.outputs.isEmpty else { return "another process may not write what the problem reads" }
        let operands = layout.inputs.sorted { $0.value < $1.value }.map { ($0.key, $0.value) } + layout.outputs
        let places = operands.map { ("operand", "\($0.0):\($0.1)") }
        return try host.ask("refuses", [("variant", "\(index)"), ("arguments", layout.hex)] + places)["refused"]
    }

    /// Gives the process the operands.
    ///
    /// - Parameter exact: for verification: each ends at a page that cannot be touched, whatever its alignment. Else for
    ///   timing: on ordinary memory.
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
