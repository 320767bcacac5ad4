internal import Glibc
public import Tensors

/// The angles of rotary position embedding: at position p, pair i of a head turns by p·base^(−2i/rotated)
/// (Su et al. 2021, "RoFormer"). Computed in Double, kept as sine and cosine in f32.
public final class RotaryAngles {
    /// Values of a head that turn; the rest stays.
    public let rotated: Int
    /// Whether a pair is (i, i + rotated/2), as Hugging Face stores Llama, or (2i, 2i + 1), as GGUF does.
    public let halves: Bool
    /// `[positions][rotated / 2]`.
    public let cosines: Tensor<Float>
    public let sines: Tensor<Float>

    public init(positions: Int, rotated: Int, base: Double, halves: Bool, scale: Double = 1) {
        precondition(rotated % 2 == 0, "pairs turn: \(rotated) is odd")
        self.rotated = rotated
        self.halves = halves
        let pairs = rotated / 2
        cosines = Tensor([positions, pairs])
        sines = Tensor([positions, pairs])
        for pair in 0..<pairs {
            let frequency = scale * pow(base, -2 * Double(pair) / Double(rotated))
            for position in 0..<positions {
                cosines[position * pairs + pair] = Float(cos(Double(position) * frequency))
                sines[position * pairs + pair] = Float(sin(Double(position) * frequency))
            }
        }
    }
}
