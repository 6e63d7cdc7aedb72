import Mustache

/// The templates and the style sheet, read once.
struct PageTemplates: Sendable {
    private let library: MustacheLibrary
    /// `page.css`, compacted.
    let css: String
    /// `auth-test.css`, compacted: additional styles of an admin's report.
    let reportCSS: String
    /// `coupon-sheet.css`, compacted: additional styles of a sheet of coupons.
    let sheetCSS: String
    /// `reference.css`, compacted: additional styles of the control API's reference.
    let referenceCSS: String

    private static let required = [
        "layout", "brand", "alert", "note", "terms", "coupon", "signin", "handover", "connecting", "online", "question",
        "notice",
        "join", "api-error", "auth-test", "coupon-sheet", "reference", "reference-fields",
    ]

    /// Reads `*.mustache` and `page.css`; a file in an earlier directory overrides the same file in a later one. Throws
    /// `PageFileError`.
    init(directories: [String]) throws {
        let files = PageFiles(directories: directories)
        MustacheContentTypes.register(ScalarHTML(), named: ScalarHTML.name)
        var library = MustacheLibrary()
        for file in files.files(under: "", withExtension: "mustache") {
            do { try library.register(Self.prepared(file.bytes), named: file.name) } catch {
                throw PageFileError(path: file.path, reason: "is no Mustache template: \(error)")
            }
        }
        let sheets = files.files(under: "", withExtension: "css")
        let css = try Self.sheet("page", sheets)
        reportCSS = try Self.sheet("auth-test", sheets)
        sheetCSS = try Self.sheet("coupon-sheet", sheets)
        referenceCSS = try Self.sheet("reference", sheets)
        for name in Self.required where library.getTemplate(named: name) == nil {
            throw PageFileError(path: "\(name).mustache", reason: "is missing")
        }
        self.library = library
        self.css = css
    }

    private static func sheet(_ name: String, _ sheets: [PageFiles.File]) throws -> String {
        guard let file = sheets.first(where: { $0.name == name }) else {
            throw PageFileError(path: "\(name).css", reason: "is missing")
        }
        // Safe because the operator wrote it.
        return ThemeStyle.compact(String(decoding: file.bytes, as: UTF8.self))
    }

    /// Returns the rendered template; empty if there is none of that name. `init` checks that all shipped templates
    /// exist.
    func render(_ values: [String: Any], with template: String) -> String {
        library.render(values, withTemplate: template) ?? ""
    }

    /// Returns a template without indentation and empty lines, to save bytes, and with the escaping of `ScalarHTML`.
    private static func prepared(_ bytes: [UInt8]) -> String {
        // Safe because the operator wrote it.
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        let text = lines.map { $0.drop(while: \.isWhitespace) }.filter { !$0.isEmpty }.joined(separator: "\n")
        return "{{% CONTENT_TYPE: \(ScalarHTML.name)}}\n" + text + "\n"
    }
}

/// Escapes byte by byte. The library's own escaping compares whole grapheme clusters, so it would not escape a quote or
/// an angle bracket before a combining mark.
private struct ScalarHTML: MustacheContentType {
    static let name = "SCALAR_HTML"

    func escapeText(_ text: String) -> String {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "&"): escaped += "&amp;".utf8
            case UInt8(ascii: "<"): escaped += "&lt;".utf8
            case UInt8(ascii: ">"): escaped += "&gt;".utf8
            case UInt8(ascii: "\""): escaped += "&quot;".utf8
            case UInt8(ascii: "'"): escaped += "&#39;".utf8
            case 0x00: escaped += "\u{FFFD}".utf8
            default: escaped.append(byte)
            }
        }
        // Safe because the input was valid text.
        return String(decoding: escaped, as: UTF8.self)
    }
}
