import Foundation
import Testing

@testable import Pages

struct LanguageTests {
    private static let units = ["days", "hours", "minutes", "seconds"]

    @Test(arguments: ShippedPages.tags)
    func `a language has exactly the messages and the plural forms that it needs`(_ tag: String) throws {
        let (english, messages) = (try Self.messages("en"), try Self.messages(tag))
        let plain = { (key: String) in !Self.units.contains { key.hasPrefix("\($0).") } }
        #expect(Set(messages.keys.filter(plain)) == Set(english.keys.filter(plain)))
        for unit in Self.units {
            let forms = messages.keys.filter { $0.hasPrefix("\(unit).") }.map { String($0.dropFirst(unit.count + 1)) }
            let needed = PluralCategory.all(in: tag).union([.other]).map(\.rawValue)
            #expect(Set(forms) == Set(needed), "\(tag) \(unit)")
        }
    }

    @Test(arguments: ShippedPages.tags)
    func `a message has the same placeholders in every language`(_ tag: String) throws {
        let (english, messages) = (try Self.messages("en"), try Self.messages(tag))
        for (key, text) in english
        where messages[key] != nil && !Self.units.contains(where: { key.hasPrefix("\($0).") }) {
            #expect(Self.placeholders(messages[key] ?? "") == Self.placeholders(text), "\(tag) \(key)")
        }
        #expect(messages.allSatisfy { !$0.value.isEmpty })
    }

    @Test func `the shipped languages are those that the tests know`() throws {
        let languages = try Languages(directories: [ShippedPages.templates])
        #expect(languages.all.map(\.tag) == ShippedPages.tags)
        #expect(languages.all.filter(\.isRightToLeft).map(\.tag) == ["ar", "he"])
    }

    @Test(arguments: [
        ("en", 1, "1 day"), ("en", 0, "0 days"), ("en", 2, "2 days"), ("fr", 0, "0 jour"), ("fr", 2, "2 jours"),
        ("pl", 1, "1 dzień"), ("ru", 1, "1 день"), ("ru", 3, "3 дня"), ("ru", 5, "5 дней"), ("ru", 11, "11 дней"),
        ("ru", 21, "21 день"), ("ru", 112, "112 дней"), ("ar", 1, "يوم واحد"), ("ar", 2, "يومان"), ("ar", 3, "3 أيام"),
        ("ar", 11, "11 يومًا"), ("ar", 100, "100 يوم"), ("he", 2, "יומיים"), ("ja", 1, "1 日"), ("zh", 7, "7 天"),
    ])
    func `counts use the plural form of the language`(_ tag: String, _ count: Int, _ text: String) throws {
        #expect(try Self.language(tag).count("days", count) == text)
    }

    @Test func `Polish has three forms for hours`() throws {
        let polish = try Self.language("pl")
        let texts = [1, 2, 5, 12, 22, 25].map { polish.count("hours", $0) }
        #expect(texts == ["1 godzina", "2 godziny", "5 godzin", "12 godzin", "22 godziny", "25 godzin"])
    }

    @Test func `a value is isolated in a right-to-left sentence`() throws {
        let text = try Self.language("ar").message("online.continue", ["host": "example.com"])
        #expect(text.contains("\u{2068}example.com\u{2069}"))
        #expect(try Self.language("de").message("online.continue", ["host": "example.com"]) == "Weiter zu example.com")
    }

    @Test func `an operator's language needs only the messages that it changes`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let locales = folder.appending(path: "locales")
        try FileManager.default.createDirectory(at: locales, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"connect": "Anslut"}"#.utf8).write(to: locales.appending(path: "sv.json"))
        let languages = try Languages(directories: [folder.path(), ShippedPages.templates])
        let swedish = languages.negotiate("sv-SE")
        #expect(swedish.message("connect") == "Anslut")
        #expect(swedish.message("signout") == "Sign out")
    }

    @Test func `a language file that is not an object of strings stops the start`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        let locales = folder.appending(path: "locales")
        try FileManager.default.createDirectory(at: locales, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(#"{"connect": 1}"#.utf8).write(to: locales.appending(path: "en.json"))
        #expect(throws: PageFileError.self) { try Languages(directories: [folder.path()]) }
    }

    private static func language(_ tag: String) throws -> Language {
        try #require(try Languages(directories: [ShippedPages.templates]).language(tag))
    }

    /// The messages of the file itself, without those from English.
    private static func messages(_ tag: String) throws -> [String: String] {
        let data = try Data(contentsOf: URL(filePath: "\(ShippedPages.templates)/locales/\(tag).json"))
        return try JSONDecoder().decode([String: String].self, from: data)
    }

    private static func placeholders(_ text: String) -> [String] {
        text.matches(of: #/\{[a-z]+\}/#).map { String($0.output) }.sorted()
    }
}
