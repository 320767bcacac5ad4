internal import Foundation
internal import Glibc
internal import Refusals

/// The terminal, as far as mgbench needs to know it.
enum Console {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// `$COLUMNS` if it is set, as elsewhere; the columns of the terminal; in a pipe as many as a table takes, for what
    /// reads it can scroll or search, and a column that is not there cannot be found.
    static var width: Int {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
            return columns
        }
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return unlimited }
        return Int(size.ws_col)
    }

    private static let unlimited = 10_000

    /// Colour on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb.
    static var usesColor: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }

    /// Where nobody can take it, as when standard error is closed, there is nothing left to do.
    static func error(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while let base = bytes.baseAddress, sent < bytes.count {
                let count = Glibc.write(STDERR_FILENO, base + sent, bytes.count - sent)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    /// Writes what `print` still holds. A disk that is full, or a device that takes nothing, is found out here at the
    /// latest, and is no success.
    static func finish() {
        if fflush(nil) != 0 { failOutput() }
    }

    private static func failOutput() -> Never {
        error("mgbench: standard output cannot be written: \(String(cString: strerror(errno)))")
        _exit(RefusalCode.usage.rawValue)
    }

    /// Writes without a newline, at once, behind what `print` wrote before.
    static func write(_ text: String) { write(text.utf8) }

    /// Bytes, which need not be text. Where nobody can take them there is nothing left to do.
    static func write(_ bytes: some Collection<UInt8>) {
        let isWritten =
            fflush(nil) == 0
            && Array(bytes).withUnsafeBytes { bytes in
                var sent = 0
                while let base = bytes.baseAddress, sent < bytes.count {
                    let count = Glibc.write(STDOUT_FILENO, base + sent, bytes.count - sent)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return false }
                    sent += count
                }
                return true
            }
        guard isWritten else { failOutput() }
    }

    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// A line behind what was written before, at once.
    static func line(_ text: String) { write(text + "\n") }

    /// A line of standard input; nil at its end.
    ///
    /// - Returns: the text without its newline, or where it stops being UTF-8.
    static func readLine() -> (text: String?, fault: Int?)? {
        var bytes: [UInt8] = []
        // Byte by byte: a person types no faster, and what follows the line is left for the next call.
        while bytes.last != 0x0a {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { break }
            bytes.append(byte)
        }
        guard !bytes.isEmpty else { return nil }
        while bytes.last == 0x0a || bytes.last == 0x0d { bytes.removeLast() }
        return (String(validating: bytes, as: UTF8.self), bytes.firstInvalidUTF8)
    }
}

extension Collection<UInt8> {
    /// How many bytes come before the first that is no UTF-8; nil if all are.
    var firstInvalidUTF8: Int? {
        var decoder = UTF8()
        var iterator = makeIterator()
        var good = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): good += UTF8.width(scalar)
            case .emptyInput: return nil
            case .error: return good
            }
        }
    }
}
