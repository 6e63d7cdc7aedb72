import Captive
import Foundation
import NetworkAddress

extension Instance {
    /// The instance as the API prints it.
    func json(previewURL: String) -> JSONValue {
        [
            "id": .string(id.text), "auth_integration_id": JSONValue(integrationID?.text),
            "strategy": .string(strategy.rawValue), "name": .string(name), "session_ttl": .integer(sessionTTL),
            "auth_window_ttl": .integer(authWindowTTL), "coupon_ttl": .integer(couponTTL), "theme": theme.json,
            "terms_text": JSONValue(termsText), "locale": .string(locale), "sites": .array(sites.map(\.json)),
            "created_at": JSONValue(createdAt), "preview_url": .string(previewURL),
            "warnings": .array(ThemeWarning.warnings(of: theme).map(\.json)),
        ]
    }
}

extension Instance.SiteSubnets {
    fileprivate var json: JSONValue {
        ["id": .string(siteID.text), "subnets": .array(subnets.map { .string($0.description) })]
    }
}

extension Theme {
    /// Colours in lower case with six digits. Images are served once they can be uploaded; until then there are none.
    fileprivate var json: JSONValue {
        let images: [JSONValue.Member] = [.init(name: "logo", value: .null), .init(name: "icon", value: .null)]
        return .object(
            images
                + ThemeChanges.fields.map { field in
                    .init(name: field.name, value: .string(self[keyPath: field.place].description))
                })
    }
}
