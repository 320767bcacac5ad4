internal import ArgumentParser
internal import Foundation
internal import Reports
internal import Weights

/// `mgbench quantize IN --type q4_1 OUT`: a model in fewer bits, and what that costs each tensor.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize", abstract: "Write a model as GGUF with its matrices in fewer bits.",
        discussion: """
            Matrices get the type. Norms, biases and tables of positions become f32; the matrix of the logits (`output`,
            or `token_embd` where the two are one) becomes q8_0 unless --output-too; rows that are not whole blocks
            become q4_1 instead of q4_k if 32 divides them, else f16. The error is √(Σ(new − old)² / Σ old²).
            """)

    @Argument(help: "A GGUF file, an installed model, or a folder of config.json and model.safetensors (Llama, GPT-2).")
    var input: String

    @Option(help: "`q8_0`, `q4_0`, `q4_1`, `q4_k`, `f16` or `f32`.")
    var type: String

    @Argument(help: "The GGUF file to write.")
    var output: String

    @Flag(help: "Give the matrix of the logits the type, too.")
    var outputToo = false

    @Flag(help: "As JSON.")
    var json = false

    private struct Result: Encodable {
        var input: String
        var output: String
        var type: String
        var bytesBefore: Int
        var bytes: Int
        var notes: [String]
        var tensors: [Quantization.Row]
    }

    func run() throws {
        guard let target = QuantizationRule.targets.first(where: { $0.name.lowercased() == type.lowercased() }) else {
            let known = QuantizationRule.targets.map { $0.name.lowercased() }.joined(separator: ", ")
            throw Outcome.usage("--type \(type): expected one of \(known)")
        }
        let store = ModelStore()
        let isModel = store.catalog.models.contains { $0.name == input }
        let path = isModel ? try store.locate(input).path : input
        try checkOutput(against: path)
        let plan = try Quantization(
            try ModelSource.open(path), rule: QuantizationRule(target, includesOutput: outputToo))
        var notes = plan.source.notes
        if zip(plan.source.tensors, plan.types).contains(where: { $0.isQuantized && $0.type != $1 }) {
            notes.append(
                "the input is quantized already: the error counts from it, not from the weights it was made of")
        }
        let width = min(48, (plan.source.tensors.map(\.name.count).max() ?? 0) + 2)
        // With the first tensor: what is refused before it says so in one line.
        var isBegun = false
        let rows = try plan.write(to: output) { row in
            if !isBegun { begin(notes, width: width) }
            isBegun = true
            if !json { print(Self.line(row, width: width)) }
        }
        let before = rows.reduce(0) { $0 + $1.bytesBefore }
        let after = rows.reduce(0) { $0 + $1.bytes }
        if json {
            try Console.print(
                json: Result(
                    input: path, output: output, type: target.name, bytesBefore: before, bytes: after, notes: notes,
                    tensors: rows))
        } else {
            print("\(output): \(rows.count) tensors, \(before) → \(after) bytes")
        }
    }

    private func begin(_ notes: [String], width: Int) {
        for note in notes { Console.error("mgbench: note: \(note)") }
        if json { return }
        print("tensor".padded(width) + "from".padded(7) + "to".padded(7) + "bytes".aligned(14) + "error".aligned(12))
    }

    private static func line(_ row: Quantization.Row, width: Int) -> String {
        let error = row.relativeError == 0 ? "0" : Format.fixed(row.relativeError, decimals: 5)
        return row.name.padded(width) + row.from.padded(7) + row.to.padded(7) + "\(row.bytes)".aligned(14)
            + error.aligned(12)
    }

    /// Refuses before the work what would fail after it, or would overwrite what is read.
    private func checkOutput(against input: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: output, isDirectory: &isFolder) else { return }
        if isFolder.boolValue { throw Outcome.usage("\(output): is a folder; the name of a GGUF file is expected") }
        let same = [input, output].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
        if same[0] == same[1] { throw Outcome.usage("\(output): is the input; another name is expected") }
    }
}

extension String {
    /// The text at the right of a column, one space before it at least.
    fileprivate func aligned(_ width: Int) -> String {
        String(repeating: " ", count: max(1, width - count)) + self
    }
}
