internal import CKernels

/// A family's C argument struct as another process needs it: its bytes with no pointer set, and where in it the pointer
/// of each operand belongs.
public struct ArgumentLayout: Sendable {
    public var bytes: [UInt8]
    /// Offsets by the names of `KernelOperands.inputs`.
    public var inputs: [String: Int]
    /// Names and offsets in the order of `KernelOperands.outputs`; those that a problem lacks are at the end.
    public var outputs: [(name: String, offset: Int)]

    /// Of a family that has no C struct, and that no plugin can be of.
    public static let none = ArgumentLayout(mg_buffers(packed: nil, workspace: nil), inputs: [:], outputs: [])

    init<Arguments>(
        _ arguments: Arguments, inputs: [String: PartialKeyPath<Arguments>],
        outputs: [(String, PartialKeyPath<Arguments>)]
    ) {
        func offset(_ field: PartialKeyPath<Arguments>) -> Int {
            guard let offset = MemoryLayout<Arguments>.offset(of: field) else {
                preconditionFailure("\(Arguments.self) is a C struct: its members lie where they lie")
            }
            return offset
        }
        bytes = withUnsafeBytes(of: arguments) { Array($0) }
        self.inputs = inputs.mapValues(offset)
        self.outputs = outputs.map { ($0.0, offset($0.1)) }
    }
}

extension Matmul {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["a": \.a, "b": \.b, "bias": \.bias, "residual": \.residual],
            outputs: [("c", \.c)])
    }
}

extension Softmax {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["x": \.x], outputs: [("out", \.out)])
    }
}

extension Elementwise {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["x": \.x], outputs: [("out", \.out)])
    }
}

extension Norm {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["x": \.x, "residual": \.residual, "gamma": \.gamma, "beta": \.beta],
            outputs: [("out", \.out), ("sum", \.sum)])
    }
}

extension Attention {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["q": \.q, "k": \.k, "v": \.v], outputs: [("o", \.o)])
    }
}

extension FFN {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil),
            inputs: [
                "x": \.x, "gate": \.w_gate, "up": \.w_up, "down": \.w_down, "up_bias": \.b_up, "down_bias": \.b_down,
            ], outputs: [("out", \.out)])
    }
}

extension QuantizedMatmul {
    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["a": \.a, "weights": \.w, "scales": \.scales, "bias": \.bias],
            outputs: [("c", \.c)])
    }
}

/// What a kernel from outside is built with.
public enum PluginHeaders {
    /// The number of the interface; a plugin with another is refused.
    public static let abi = Int(MG_PLUGIN_ABI)

    /// Names and texts of the headers that a plugin of a family includes.
    public static func files(family: String) -> [(name: String, text: String)] {
        var count: Int32 = 0
        let headers = UnsafeBufferPointer(start: mg_headers(&count), count: Int(count))
        let common = ["mg_plugin.h", "mg_variant.h", "mg_cpu.h", "mg_work.h", "mg_\(family).h"]
        return headers.map { (String(cString: $0.name), String(cString: $0.text)) }.filter { common.contains($0.0) }
    }
}
