internal import Kernels
internal import Machine

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
        TokenizerCandidate.Task.allCases.flatMap { task in
            [(18, true), (22, false)].map { power, quick in
                Workload(
                    name: "made text", quick: quick,
                    candidate: TokenizerCandidate(task: task, bytes: 1 << power, vocabulary: 8192))
            }
        })

    /// A prompt of 512 tokens, or 128 tokens to write, at the beginning of a text and behind 512 tokens.
    static func workloads(_ task: ModelCandidate.Task, model: String) -> [Workload] {
        [(0, true), (512, false)].map { context, quick in
            Workload(
                name: context == 0 ? "at the beginning" : "behind \(context) tokens", quick: quick,
                candidate: ModelCandidate(
                    task: task, model: model, tokens: task == .prefill ? 512 : 128, context: context))
        }
    }
}

/// A candidate that is more than one kernel: no variant of a family computes it alone, so that it has no class that
/// `tune` could choose by, and `explain` has nothing to take apart.
protocol WholeCandidate: Candidate {}

extension WholeCandidate {
    func problemClass(on topology: Topology) -> String { label }
    func refusal(of variant: String, on features: CPUFeatures) -> String? { "\(family) is not a family of kernels" }
    func refusal(of variant: PluginVariant) -> String? { "\(family) is not a family of kernels" }
    func touched(by variant: String, threads: Int, seed: UInt64) -> Touched {
        Touched(parts: [], ownMemoryIsKnown: false)
    }
}
