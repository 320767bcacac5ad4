extension CharacterPairEncoding {
    /// What each token adds to a text that has begun: a space for `▁`, a byte for `<0x0A>`. It finds no token by its bytes.
    public var spoken: Vocabulary {
        var bytes = (0..<Int32(vocabulary.count)).map { id in
            var text: [UInt8] = []
            if let token = vocabulary[id] { SpaceMark.append(token, to: &text) }
            return text
        }
        if spellsBytes {
            for (byte, id) in byteIds.enumerated() where id >= 0 { bytes[Int(id)] = [UInt8(byte)] }
        }
        return Vocabulary(bytes, hidden: Set(0..<Int32(bytes.count)))
    }
}
