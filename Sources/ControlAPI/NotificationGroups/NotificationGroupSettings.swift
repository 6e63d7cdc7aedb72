import Captive
import Foundation
import NetworkAddress

/// What a body says a group should be; what it leaves out stays as it is.
struct NotificationGroupSettings: Sendable {
    private let name: String?
    private let emails: [EmailAddress]?
    private let webhookURL: WebhookURL??
    private let webhookSecret: Secret?

    /// Of one group.
    private static let mostEmails = 50

    /// The body of a POST, or of a PUT.
    static func input(isNew: Bool, allowsPrivate: Bool) -> Input<NotificationGroupSettings> {
        let name = isNew ? "NotificationGroupCreate" : "NotificationGroupUpdate"
        return Input(name, printed: NotificationGroup.shape.schema) {
            NotificationGroupSettings(from: &$0, isNew: isNew, allowsPrivate: allowsPrivate)
        }
    }

    private init(from fields: inout FieldReader, isNew: Bool, allowsPrivate: Bool) {
        name = isNew ? fields.required("name", .line(100)) : fields.optional("name", .line(100))
        emails = fields.optional("emails", .list(of: .email, atMost: Self.mostEmails, "e-mail addresses"))
        webhookURL = fields.nullable("webhook_url", .webhook(allowsPrivate: allowsPrivate))
        let secret = fields.nullable(
            "webhook_secret", .signingKey,
            "The key of the webhook's signatures; never printed. Left out or null, the stored one stays, or the portal "
                + "makes one and shows it once.")
        webhookSecret = secret ?? nil
        if !isNew { fields.ignore("id", "last_deliveries", "created_at") }
    }

    /// `newKey` is for a webhook that is new and comes without a secret.
    func apply(to group: inout NotificationGroup, newKey: Secret) {
        group.name = name ?? group.name
        group.emails = emails?.each ?? group.emails
        guard let url = webhookURL ?? group.webhook?.url else {
            group.webhook = nil
            return
        }
        group.webhook = .init(url: url, secret: webhookSecret ?? group.webhook?.secret ?? newKey)
    }
}

extension [EmailAddress] {
    /// Each address once, in whatever case it comes.
    fileprivate var each: [EmailAddress] {
        var seen: Set<String> = []
        return filter { seen.insert($0.description.lowercased()).inserted }
    }
}

extension Rule {
    /// `plural` names what it is a list of.
    fileprivate static func list<Element>(of element: Rule<Element>, atMost maximum: Int, _ plural: String) -> Rule
    where Value == [Element] {
        Rule(
            expected: "a list of at most \(maximum) \(plural)", schema: .list(of: element.schema, atMost: maximum)
        ) { value in
            guard case .array(let elements) = value, elements.count <= maximum else { return nil }
            let values = elements.compactMap(element.read)
            return values.count == elements.count ? values : nil
        }
    }
}

extension Rule where Value == EmailAddress {
    fileprivate static var email: Rule {
        Rule(expected: "an e-mail address such as desk@example.org", schema: EmailAddress.schema) { value in
            guard case .string(let text) = value else { return nil }
            return EmailAddress(text)
        }
    }
}

extension Rule where Value == WebhookURL {
    /// Only what cannot be right at all is refused here: what a name stands for is known when it is called.
    fileprivate static func webhook(allowsPrivate: Bool) -> Rule {
        let expected =
            allowsPrivate
            ? "an address such as https://hooks.example.org/portico"
            : "an https address of a public host, such as https://hooks.example.org/portico"
        let text = Rule<String>.matching(
            allowsPrivate ? anyWebhook : publicWebhook, atMost: 2_000,
            examples: ["https://hooks.example.org/portico"], expected: expected)
        return Rule(expected: expected, schema: text.schema) { text.read($0).flatMap { WebhookURL($0) } }
    }
}

private let anyWebhook = webhookPattern(
    "[Hh][Tt][Tt][Pp][Ss]?", host: "(\(hostName)|(\(octet)\\.){3}\(octet)|\\[[0-9A-Fa-f:.]+\\])")
private let publicWebhook = webhookPattern("[Hh][Tt][Tt][Pp][Ss]", host: hostName)

/// The last label is no number, as in a name of any top-level domain (RFC 3696 section 2), so that this is no address.
private let hostName = "([A-Za-z0-9-]{1,63}\\.)*[A-Za-z][A-Za-z0-9-]{0,62}"

private func webhookPattern(_ scheme: String, host: String) -> Pattern {
    Pattern("\(scheme)://\(host)(:\(port))?([/?][A-Za-z0-9._~:/?\\[\\]@!$&'()*+,;=%-]*)?")
}

extension Rule where Value == Secret {
    /// What another program gave for both sides to know.
    fileprivate static var signingKey: Rule {
        Rule(
            expected: "a text of 16 to 255 printable ASCII characters without spaces",
            schema: ["type": "string", "pattern": "^[!-~]{16,255}$", "writeOnly": true]
        ) { value in
            guard case .string(let text) = value, (16...255).contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            return Secret(text)
        }
    }
}
