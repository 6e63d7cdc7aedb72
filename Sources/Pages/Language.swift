/// One language of the guest's pages: its tag, its direction and its messages.
///
/// The name avoids a conflict with Foundation's `Locale`, which does not know the languages in `Templates/locales`.
package struct Language: Sendable {
    /// The BCP 47 tag, which is also the name of the file: `de`, `pt`, `zh-Hant`.
    package let tag: String
    package let isRightToLeft: Bool
    /// The messages by key.
    package let messages: [String: String]

    /// The messages in the form that templates use: `{{t.coupon.label}}`.
    let tree: [String: any Sendable]

    package init(tag: String, messages: [String: String]) {
        self.tag = tag
        self.messages = messages
        isRightToLeft = messages["direction"] == "rtl"
        var branches: [String: [String: String]] = [:]
        var tree: [String: any Sendable] = messages.filter { !$0.key.contains(".") }
        for (key, message) in messages {
            guard let dot = key.firstIndex(of: ".") else { continue }
            branches[String(key[..<dot]), default: [:]][String(key[dot...].dropFirst())] = message
        }
        tree.merge(branches) { $1 }
        self.tree = tree
    }

    /// Returns the message with `{name}` replaced by the value of that name; the key itself if there is no such
    /// message.
    ///
    /// In a right-to-left language each value is isolated (Unicode UAX 9, FSI and PDI), so that a Latin host name or a
    /// number does not reorder the sentence around it.
    package func message(_ key: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        var text = messages[key] ?? key
        for (name, value) in values {
            text = text.replacing("{\(name)}", with: isRightToLeft ? "\u{2068}\(value)\u{2069}" : value)
        }
        return text
    }

    /// Returns the message for a count, such as "3 days" for `days`.
    package func count(_ key: String, _ count: Int) -> String {
        let category = PluralCategory(of: count, in: tag)
        let text = messages["\(key).\(category.rawValue)"] ?? messages["\(key).other"] ?? key
        return text.replacing("{n}", with: String(count))
    }
}
