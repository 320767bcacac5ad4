internal import Foundation

/// The terminal, as far as mgbench needs to know it.
enum Console {
    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Columns of the terminal; 100 in a pipe.
    static var width: Int {
        var size = winsize()
        guard isTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    /// Colour on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is dumb.
    static var usesColor: Bool {
        let environment = ProcessInfo.processInfo.environment
        return isTerminal && environment["NO_COLOR"] == nil && environment["TERM"] != "dumb"
    }

    static func error(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }

    /// Writes without a newline, at once, behind what `print` wrote before.
    static func write(_ text: String) {
        Swift.print(text, terminator: "")
        fflush(nil)
    }

    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}
