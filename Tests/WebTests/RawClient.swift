import Foundation

/// Bytes to a port of this computer and what comes back: for requests that no client would send.
enum RawClient {
    /// Sends `parts` with a pause before each but the first, and reads until the server closes or `seconds` have passed.
    /// On a thread of its own: the server's work must not wait for a thread that waits for it.
    static func exchange(port: Int, _ parts: [String], pause: Double = 0.05, seconds: Double = 20) async throws
        -> String
    {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let descriptor = try connect(port)
                        defer { close(descriptor) }
                        for (place, part) in parts.enumerated() {
                            if place > 0 { usleep(useconds_t(pause * 1e6)) }
                            guard write(descriptor, Array(part.utf8)) else { break }
                        }
                        return String(decoding: read(descriptor, seconds: seconds), as: UTF8.self)
                    })
            }
        }
    }

    static func connect(_ port: Int) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
        return descriptor
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    static func read(_ descriptor: Int32, seconds: Double) -> [UInt8] {
        var time = timeval(tv_sec: Int(seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }
}
