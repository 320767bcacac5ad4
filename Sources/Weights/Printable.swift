/// Foreign text made fit for one line of a message: control characters escaped, length bounded.
func printable(_ text: String, limit: Int = 200) -> String {
    var line = ""
    var room = limit
    for scalar in text.unicodeScalars {
        guard room > 0 else { return line + "…" }
        room -= 1
        // C0, DEL, C1, line and paragraph separators, and the marks that reverse a terminal's line.
        let breaksLine =
            scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
            || scalar.value == 0x2028 || scalar.value == 0x2029
        if breaksLine { line += scalar.escaped(asASCII: true) } else { line.unicodeScalars.append(scalar) }
    }
    return line
}
