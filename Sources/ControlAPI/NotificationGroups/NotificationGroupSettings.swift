import Captive
import Foundation
import NetworkAddress

/// The notification group fields in a request body; nil for fields that are omitted.
struct NotificationGroupSettings: Sendable {
    private let name: String?
    private let emails: [EmailAddress]?
    private let webhookURL: WebhookURL??
    private let webhookSecret: Secret?

    /// The limit per group.
    private static let maximumEmails = 50

    /// The body of a POST (`isNew`) or a PUT.
    static func input(isNew: Bool, allowsPrivate: Bool) -> Input<NotificationGroupSettings> {
        let name = isNew ? "NotificationGroupCreate" : "NotificationGroupUpdate"
        return Input(name, resource: NotificationGroup.shape.schema) {
            NotificationGroupSettings(from: &$0, isNew: isNew, allowsPrivate: allowsPrivate)
        }
    }

    private init(from fields: inout FieldReader, isNew: Bool, allowsPrivate: Bool) {
        name = isNew ? fields.required("name", .line(100)) : fields.optional("name", .line(100))
        emails = fields.optional("emails", .list(of: .email, atMost: Self.maximumEmails, "e-mail addresses"))
        webhookURL = fields.nullable("webhook_url", .webhook(allowsPrivate: allowsPrivate))
        let secret = fields.nullable(
            "webhook_secret", .signingKey,
            "The key that signs webhook requests. Write-only. If omitted or null, the stored key is kept, or the portal "
                + "generates one and returns it once.")
        webhookSecret = secret ?? nil
        if !isNew { fields.ignore("id", "last_deliveries", "created_at") }
    }

    /// `newKey` is used for a new webhook without a secret.
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
    /// Without duplicates, ignoring case.
    fileprivate var each: [EmailAddress] {
        var seen: Set<String> = []
        return filter { seen.insert($0.description.lowercased()).inserted }
    }
}

extension Rule {
    /// `plural` names the elements in messages.
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
    /// Checks the URL only. The host name is resolved, and its address checked, when the webhook is called.
    fileprivate static func webhook(allowsPrivate: Bool) -> Rule {
        let expected =
            allowsPrivate
            ? "a URL such as https://hooks.example.org/portico"
            : "an https URL with a public host, such as https://hooks.example.org/portico"
        let text = Rule<String>.matching(
            allowsPrivate ? anyWebhook : publicWebhook, atMost: 2_000,
            examples: ["https://hooks.example.org/portico"], expected: expected)
        return Rule(expected: expected, schema: text.schema) { text.read($0).flatMap { WebhookURL($0) } }
    }
}

private let anyWebhook = webhookPattern(
    "[Hh][Tt][Tt][Pp][Ss]?", host: "(\(hostName)|(\(octet)\\.){3}\(octet)|\\[[0-9A-Fa-f:.]+\\])")
private let publicWebhook = webhookPattern("[Hh][Tt][Tt][Pp][Ss]", host: hostName)

/// The last label starts with a letter (RFC 3696 section 2), so that an IPv4 address does not match.
private let hostName = "([A-Za-z0-9-]{1,63}\\.)*[A-Za-z][A-Za-z0-9-]{0,62}"

private func webhookPattern(_ scheme: String, host: String) -> Pattern {
    Pattern("\(scheme)://\(host)(:\(port))?([/?][A-Za-z0-9._~:/?\\[\\]@!$&'()*+,;=%-]*)?")
}

extension Rule where Value == Secret {
    /// A key that is shared with the receiver of the webhook.
    fileprivate static var signingKey: Rule {
        Rule(
            expected: "text of 16 to 255 printable ASCII characters without spaces",
            schema: ["type": "string", "pattern": "^[!-~]{16,255}$", "writeOnly": true]
        ) { value in
            guard case .string(let text) = value, (16...255).contains(text.utf8.count),
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            return Secret(text)
        }
    }
}
