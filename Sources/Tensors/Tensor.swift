internal import Glibc

/// Where a tensor's bytes lie.
public enum Placement: Sendable {
    /// 64-byte aligned; large ones on 2 MiB pages where the system grants them.
    case aligned
    /// The same, given by the system as it is written: for what may stay empty. Its first writes take longer.
    case untouched
    /// The last byte lies directly before an unmapped page, so that a read or write past the end is a fault.
    case guarded
}

/// The owner of a dense row-major array: allocated once, zeroed, freed with the object. Everything else borrows.
///
/// A kernel reads and writes through `values`; who holds the tensor decides when that is safe, which is why the class
/// may cross threads: the worker team's barriers order every access.
public final class Tensor<Element: BitwiseCopyable>: @unchecked Sendable {
    public let shape: [Int]
    public let count: Int
    /// All elements, row-major; valid while the tensor lives.
    public let values: UnsafeMutableBufferPointer<Element>
    private let mapping: UnsafeMutableRawPointer
    private let mappedBytes: Int

    /// A tensor of zero bits. Sizes of zero are allowed.
    public init(_ shape: [Int], placement: Placement = .aligned) {
        precondition(shape.allSatisfy { $0 >= 0 }, "a tensor's sizes must not be negative: \(shape)")
        self.shape = shape
        count = shape.reduce(1, *)
        let bytes = count * MemoryLayout<Element>.stride
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let body = max(page, (bytes + page - 1) / page * page)
        // Room to align large tensors to 2 MiB, and the guard page behind a guarded one.
        let huge = 2 << 20
        let slack = bytes >= huge && placement != .guarded ? huge : page
        mappedBytes = body + slack
        guard
            let mapped = mmap(nil, mappedBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            mapped != MAP_FAILED
        else { preconditionFailure("no memory for a tensor of shape \(shape) (\(bytes) bytes)") }
        mapping = mapped
        var start = mapped
        switch placement {
        case .aligned where slack == huge, .untouched where slack == huge:
            start =
                UnsafeMutableRawPointer(bitPattern: (UInt(bitPattern: mapped) + UInt(huge) - 1) & ~UInt(huge - 1))
                ?? mapped
            madvise(start, body, MADV_HUGEPAGE)
            if placement == .aligned { memset(start, 0, bytes) }  // first touch here, not in the first timed call
        case .aligned:
            memset(start, 0, bytes)
        case .untouched: break
        case .guarded:
            mprotect(mapped + body, page, PROT_NONE)
            start = mapped + (body - bytes)
        }
        values = UnsafeMutableBufferPointer(start: start.bindMemory(to: Element.self, capacity: count), count: count)
    }

    deinit { munmap(mapping, mappedBytes) }

    public var pointer: UnsafeMutablePointer<Element> {
        guard let base = values.baseAddress else { preconditionFailure("a tensor always has an address") }
        return base
    }

    /// Bytes of the elements.
    public var bytes: Int { count * MemoryLayout<Element>.stride }

    @inline(__always)
    public subscript(_ index: Int) -> Element {
        get { values[index] }
        set { values[index] = newValue }
    }

    public func fill(_ value: Element) { values.update(repeating: value) }
}

extension Tensor where Element == Float {
    /// A tensor with the given values.
    public convenience init(_ shape: [Int], _ elements: some Collection<Float>) {
        self.init(shape)
        precondition(elements.count == count, "\(elements.count) values do not fill the shape \(shape)")
        _ = values.update(fromContentsOf: elements)
    }

    /// The bits that mark an output as not written: a NaN that no kernel computes.
    public static var poison: Float { Float(bitPattern: 0x7fc0_dead) }
}
