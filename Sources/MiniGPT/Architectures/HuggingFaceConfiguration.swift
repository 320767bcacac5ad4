internal import Foundation

/// `config.json` as Hugging Face's libraries write it, as far as it is understood.
struct HuggingFaceConfiguration: Decodable {
    var modelType: String
    var nLayer, nHead, nEmbd, nInner, nPositions: Int?
    var blockSize: Int?
    var layerNormEpsilon, layerNormEps: Double?
    var activationFunction: String?
    var vocabSize: Int
    var numHiddenLayers, numAttentionHeads, numKeyValueHeads, hiddenSize, intermediateSize: Int?
    var maxPositionEmbeddings, headDim, typeVocabSize: Int?
    var positionEmbeddingType: String?
    var isDecoder: Bool?
    var rmsNormEps, ropeTheta: Double?
    var hiddenAct: String?
    var ropeScaling, ropeParameters: Rope?
    var tieWordEmbeddings, scaleAttnWeights, scaleAttnByInverseLayerIdx: Bool?
    var attentionBias, mlpBias: Bool?
    var partialRotaryFactor: Double?

    /// `rope_scaling`, or since version 5 of transformers `rope_parameters`, which has the base, too.
    struct Rope: Decodable {
        var type, ropeType: String?
        var ropeTheta: Double?
    }

    /// Whether the head is the embedding: what transformers assumes where the file is silent.
    var hasTiedHead: Bool { tieWordEmbeddings ?? (modelType != "llama") }

    static func read(_ path: String, _ data: Data) throws(LanguageModelError) -> HuggingFaceConfiguration {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(HuggingFaceConfiguration.self, from: data) } catch {
            throw LanguageModelError("\(path): not a model's configuration: model_type and vocab_size are expected")
        }
    }

    /// A number that has to be there.
    ///
    /// - Throws: `LanguageModelError` naming the field.
    func required(_ value: Int?, _ name: String, in path: String) throws(LanguageModelError) -> Int {
        guard let value else { throw LanguageModelError("\(path): \(name) is missing") }
        return value
    }
}
