import Captive
import Foundation
import NetworkAddress

/// The instance fields in a request body; nil for fields that are omitted.
struct InstanceChanges: Sendable {
    let name: String?
    let strategy: Instance.Strategy?
    let sessionTTL: Int?
    let integrationID: UUID??
    let authWindowTTL: Int?
    let couponTTL: Int?
    let theme: ThemeChanges?
    let termsText: String??
    let locale: String?
    let sites: [Instance.SiteSubnets]?
    let venueInfoURL: VenueInfoURL??

    /// Ten years, in seconds.
    private static let couponTTLRange = 1...315_360_000
    private static let maximumTerms = 20_000
    private static let maximumSites = 1_000

    /// The body of a POST (`isNew`) or a PUT.
    static func input(isNew: Bool, shape: Shape<Instance>) -> Input<InstanceChanges> {
        Input(isNew ? "InstanceCreate" : "InstanceUpdate", resource: shape.schema, discriminator: "strategy") {
            InstanceChanges(from: &$0, isNew: isNew)
        }
    }

    /// A new instance requires a name, a strategy and a session length.
    private init(from fields: inout FieldReader, isNew: Bool) {
        let (ttl, window) = (Instance.sessionTTLRange, Instance.authWindowTTLRange)
        name = isNew ? fields.required("name", .line()) : fields.optional("name", .line())
        strategy = isNew ? fields.required("strategy", .enumeration) : fields.optional("strategy", .enumeration)
        sessionTTL =
            isNew
            ? fields.required("session_ttl", .integer(ttl, "seconds"))
            : fields.optional("session_ttl", .integer(ttl, "seconds"))
        integrationID = Self.integration(from: &fields, strategy, isNew: isNew)
        authWindowTTL = fields.optional("auth_window_ttl", .integer(window, "seconds"))
        couponTTL = fields.optional("coupon_ttl", .integer(Self.couponTTLRange, "seconds"))
        theme = fields.object("theme") { ThemeChanges(from: &$0) }
        termsText = fields.nullable("terms_text", .text(Self.maximumTerms))
        locale = fields.optional("locale", .languageTag)
        sites = SiteList.read(from: &fields, atMost: Self.maximumSites)
        venueInfoURL = fields.nullable("venue_info_url", .venueInfo)
        if !isNew { fields.ignore("id", "created_at", "preview_url", "warnings") }
    }

    private static func integration(
        from fields: inout FieldReader, _ strategy: Instance.Strategy?, isNew: Bool
    ) -> UUID?? {
        let name = "auth_integration_id"
        switch strategy {
        case .coupon:
            _ = fields.optional(name, .null("if the strategy is 'coupon'"))
            return .some(nil)
        case .oauth2:
            let id =
                isNew
                ? fields.required(name, .id, nullIsMissing: true) : fields.optional(name, .id, nullIsMissing: true)
            return id.map(Optional.some)
        case nil: return fields.nullable(name, .id)
        }
    }

    /// Throws `APIError` if the strategy and the integration contradict each other.
    func apply(to instance: inout Instance) throws {
        instance.name = name ?? instance.name
        instance.strategy = strategy ?? instance.strategy
        instance.sessionTTL = sessionTTL ?? instance.sessionTTL
        instance.authWindowTTL = authWindowTTL ?? instance.authWindowTTL
        instance.couponTTL = couponTTL ?? instance.couponTTL
        instance.termsText = termsText ?? instance.termsText
        instance.locale = locale ?? instance.locale
        instance.sites = sites ?? instance.sites
        instance.venueInfoURL = venueInfoURL ?? instance.venueInfoURL
        theme?.apply(to: &instance.theme)
        try applyIntegration(to: &instance)
    }

    private func applyIntegration(to instance: inout Instance) throws {
        switch instance.strategy {
        case .oauth2:
            instance.integrationID = integrationID ?? instance.integrationID
            if instance.integrationID == nil { throw APIError.missing("auth_integration_id") }
        case .coupon:
            if case .some(.some) = integrationID {
                throw APIError.invalid("auth_integration_id", "null or omitted if the strategy is 'coupon'")
            }
            instance.integrationID = nil
        }
    }
}

extension Rule where Value == VenueInfoURL {
    /// Any host is allowed: the guest's browser opens the page, not the portal.
    fileprivate static var venueInfo: Rule {
        let name = "[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*"
        let characters = "[A-Za-z0-9._~:/?\\[\\]@!$&'()*+,;=%-]*"
        let schema: Schema = [
            "type": "string", "format": "uri", "maxLength": 2_000, "examples": ["https://hotel.example.org/guests"],
            "pattern": .string(
                "^[Hh][Tt][Tt][Pp][Ss]?://(\(name)|\\[[0-9A-Fa-f:.]+\\])(:[1-9][0-9]{0,4})?([/?]\(characters))?(#\(characters))?$"
            ),
        ]
        return Rule(expected: "an http or https address such as https://hotel.example.org/guests", schema: schema) {
            guard case .string(let text) = $0 else { return nil }
            return VenueInfoURL(text)
        }
    }
}
