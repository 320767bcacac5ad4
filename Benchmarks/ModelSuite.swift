internal import Entrants

extension Suite {
    /// The model of the suites `prefill` and `decode` unless `--weights` names another.
    static let standardModel = "smollm2-135m"

    static let prefill = Suite(
        "prefill", "a language model reads a prompt of 512 tokens: its own choice of variants, and each forced one",
        workloads(.prefill, model: standardModel))

    static let decode = Suite(
        "decode", "a language model writes 128 tokens, one a call: its own choice of variants, and each forced one",
        workloads(.decode, model: standardModel))

    static let tokenizer = Suite(
        "tokenizer", "a byte-level BPE of 8192 tokens encodes, decodes and is trained, on a text made from a seed",
        TokenizerProblem.Task.allCases.flatMap { task in
            [(18, true), (22, false)].map { power, quick in
                Workload(
                    name: "made text", quick: quick,
                    problem: TokenizerProblem(task: task, bytes: 1 << power, vocabulary: 8192))
            }
        })

    /// A prompt of 512 tokens, or 128 tokens to write, at the beginning of a text and behind 512 tokens.
    static func workloads(_ task: ModelProblem.Task, model: String) -> [Workload] {
        [(0, true), (512, false)].map { context, quick in
            Workload(
                name: context == 0 ? "at the beginning" : "behind \(context) tokens", quick: quick,
                problem: ModelProblem(
                    task: task, model: model, tokens: task == .prefill ? 512 : 128, context: context))
        }
    }
}
