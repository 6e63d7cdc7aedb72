import Captive
import Foundation

/// Where a guest was going when the router caught it, if that is a place to send a person back to.
///
/// The address comes through the guest's browser, so it is only ever shown as a link, and only an http or https address
/// without credentials that is neither the portal's own nor an operating system's probe.
struct CapturedDestination: Equatable {
    let url: String
    static let maximumLength = 2_048

    init?(_ text: String?, portal: PublicURL) {
        guard let text, text.utf8.count <= Self.maximumLength, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.contains("\\"), let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.host?.lowercased(), !host.isEmpty,
            parts.user == nil, parts.password == nil
        else { return nil }
        let authority = host + (parts.port.map { ":\($0)" } ?? "")
        guard !portal.owns(authority), !ProbeHosts.contains(host), host != CodeLink.caughtHost,
            CodeLink(publicURL: portal).code(in: text) == nil
        else { return nil }
        url = text
    }
}
