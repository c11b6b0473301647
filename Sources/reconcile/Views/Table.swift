/// Rows under a header, as wide as their cells, cut to the terminal at the last column.
struct Table {
    struct Cell: ExpressibleByStringInterpolation {
        var text: String
        var colour: TextStyle.Colour?

        init(_ text: String, _ colour: TextStyle.Colour? = nil) {
            self.text = Plain.line(text)
            self.colour = colour
        }

        init(stringLiteral value: String) {
            self.init(value)
        }
    }

    /// Empty: no header.
    var header: [String]
    var rows: [[Cell]]
    /// The last column goes on below itself instead of being cut.
    var wraps = false
    var indent = 0

    func text(_ style: TextStyle) -> String {
        let head = header.isEmpty ? [] : [header.map { Cell($0, .bold) }]
        let all = head + rows
        let widths = (0..<(all.map(\.count).max() ?? 0)).map { column in
            all.map { column < $0.count ? $0[column].text.count : 0 }.max() ?? 0
        }
        return all.map { line(of: $0, widths, style) }.joined(separator: "\n")
    }

    private func line(of cells: [Cell], _ widths: [Int], _ style: TextStyle) -> String {
        var line = String(repeating: " ", count: indent)
        var used = indent
        for (column, cell) in cells.enumerated() {
            let isLast = column == cells.count - 1
            let text = isLast ? fitted(cell.text, after: used, style) : cell.text
            line += style.paint(text, cell.colour)
            guard !isLast else { break }
            let padding = widths[column] - cell.text.count + 2
            // A row whose rest is empty ends here, without spaces at its end.
            guard cells[(column + 1)...].contains(where: { !$0.text.isEmpty }) else { break }
            line += String(repeating: " ", count: padding)
            used += widths[column] + 2
        }
        return line
    }

    private func fitted(_ text: String, after used: Int, _ style: TextStyle) -> String {
        if wraps { return style.wrapped(text, indent: used) }
        guard let width = style.width, !style.isWide, used + text.count > width,
            width - used >= 2
        else { return text }
        return text.prefix(width - used - 1) + "…"
    }
}
