public import Tensors

/// The weights of a model, by the names that its graph has for them.
public protocol Parameters: AnyObject {
    /// Weights that lie one under another, with their biases, if there are any. The same object for the same names, so that
    /// what one plan packed serves all.
    func linear(_ weights: [String], biases: [String]) -> Linear
    /// A vector, in f32: a norm's gain or shift.
    func vector(_ name: String) -> Tensor<Float>
    /// A matrix whose rows are read one by one.
    func table(_ name: String) -> any RowTable
    /// Bytes that lie in memory only to be packed may go.
    func releaseSources()
}

/// A matrix as a file stores it, whose rows are widened as they are read.
public protocol RowTable {
    /// Writes a row in f32. Allocates nothing.
    func write(row: Int, to out: UnsafeMutablePointer<Float>)
    /// All rows in f32.
    func widened() -> Tensor<Float>
}
