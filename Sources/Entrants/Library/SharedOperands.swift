internal import Foundation
internal import Glibc
internal import Kernels
internal import Tensors

/// Operands in a file that another process maps: the inputs written once, room for the outputs behind them. The file has
/// no name: whatever ends this process, nothing is left.
final class SharedOperands {
    struct Place {
        var name: String
        var element: String
        var shape: [Int]
        var offset: Int
    }

    /// By which another process of the same user opens the file.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }
    let inputs: [Place]
    let outputs: [Place]
    private let descriptor: Int32

    /// - Throws: `OracleError` if the file cannot be made.
    init(_ operands: some KernelOperands) throws {
        // In memory where the system has such a folder.
        let memory = "/dev/shm"
        let folder = access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
        let file = URL(fileURLWithPath: folder).appendingPathComponent("mgbench-\(getpid())-\(UUID().uuidString)").path
        descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OracleError("\(file): \(String(cString: strerror(errno)))") }
        unlink(file)
        var end = 0
        func place(_ name: String, _ element: String, _ shape: [Int], bytes: Int) -> Place {
            defer { end += (bytes + 63) / 64 * 64 }
            return Place(name: name, element: element, shape: shape, offset: end)
        }
        var inputs: [Place] = []
        var failed = false
        for input in operands.inputs {
            let next = place(input.name, input.element.rawValue, input.shape, bytes: input.bytes.count)
            failed = !SharedOperands.write(input.bytes, to: descriptor, at: next.offset) || failed
            inputs.append(next)
        }
        self.inputs = inputs
        outputs = operands.outputs.enumerated().map { index, output in
            place("out\(index)", "f32", output.shape, bytes: output.bytes)
        }
        guard !failed, ftruncate(descriptor, off_t(end)) == 0 else {
            throw OracleError("\(folder): the operands do not fit: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(descriptor, base + done, bytes.count - done, off_t(offset + done))
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Writes the tensors where the outputs belong; false if there is no room.
    func write(_ tensors: [Tensor<Float>]) -> Bool {
        zip(outputs, tensors).allSatisfy { place, tensor in
            SharedOperands.write(UnsafeRawBufferPointer(tensor.values), to: descriptor, at: place.offset)
        }
    }

    /// Copies the outputs into the tensors; false if the file is too short.
    func read(into tensors: [Tensor<Float>]) -> Bool {
        zip(outputs, tensors).allSatisfy { place, tensor in
            var done = 0
            while done < tensor.bytes {
                let target = UnsafeMutableRawPointer(tensor.pointer) + done
                let count = pread(descriptor, target, tensor.bytes - done, off_t(place.offset + done))
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}
