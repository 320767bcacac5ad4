/// The little of PAPI that counting takes. The linked library is one; the tests play others: processors with counters,
/// kernels that forbid them, counters that count nothing.
public protocol PAPIBackend: AnyObject {
    /// Makes the library ready; called before anything else, more than once.
    func prepare() throws(PAPIError)

    /// The threads of this process by the operating system's number, the caller's first.
    var threads: [Int32] { get }

    /// The kernel's setting of who may count; nil if it has none.
    var perfEventParanoid: Int? { get }

    /// Makes an empty set of events that counts for one thread.
    ///
    /// - Parameter multiplexed: the events may outnumber the counters: they take turns, and values are extrapolated.
    func makeSet(thread: Int32, multiplexed: Bool) throws(PAPIError) -> Int32

    func add(_ event: String, to set: Int32) throws(PAPIError)
    func start(_ set: Int32) throws(PAPIError)

    /// Stops and reads `count` events in the order in which they were added.
    func stop(_ set: Int32, count: Int) throws(PAPIError) -> [Int64]

    /// Frees a set, running or not.
    func destroy(_ set: Int32)
}

/// An error of PAPI.
public struct PAPIError: Error, Equatable, CustomStringConvertible {
    public enum Kind: Sendable {
        /// The kernel does not allow it.
        case notPermitted
        /// There is no such event here.
        case noEvent
        /// The events do not fit into the counters together.
        case conflict
        case other
    }

    public var kind: Kind
    /// PAPI's own words, for example `Event does not exist`.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}
