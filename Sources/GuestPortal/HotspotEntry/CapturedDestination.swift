import Captive
import Foundation

/// The destination of an intercepted request, if a guest can continue there.
///
/// The address comes through the guest's browser. Therefore it is only shown as a link, and only if it is an http or
/// https address without credentials that is neither an address of the portal nor a probe of an operating system.
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
