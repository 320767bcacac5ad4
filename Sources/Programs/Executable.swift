/// A plan on a machine: what runs passes.
///
/// The processor's implementation is ``CPUExecutable``; a device's is its sibling. Traces, profiles and generation run the
/// same executable; a probe chooses another loop, not another program.
public protocol Executable: AnyObject {
    var plan: Plan { get }
    /// Runs a pass: the result is that of its drawn rows, or if the graph draws none, of all rows.
    ///
    /// - Precondition: the batch has rows that the plan's phase takes, and no more.
    func run(_ batch: Batch)
    /// The same, with a record of each step.
    func run(_ batch: Batch, recording probe: StepProbe)
    /// Computes the result again, for the rows that the batch draws now, of the pass that ran last.
    ///
    /// - Precondition: the phase has prompt rows; generated rows are all drawn.
    func draw(_ batch: Batch)
    /// The result of the last pass, valid until the next.
    var result: UnsafeMutableBufferPointer<Float> { get }
    /// What a step left: the first `rows` rows of `columns` values. Only of a traced plan is everything there after a pass.
    func values(at location: Location, rows: Int, columns: Int) -> [Float]
}
