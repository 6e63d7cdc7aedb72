/// A page of the hotspot's servlet that redirects a guest to the portal. The router substitutes `$(…)`; the suffix
/// `-esc` percent-encodes a value.
struct HotspotPage {
    let file: String
    /// Whether the page has the variables of a login.
    private let hasLoginVariables: Bool

    /// The router serves `rlogin.html` for requests to other sites, and `login.html` for requests to the router itself.
    static let all = [
        HotspotPage(file: "login.html", hasLoginVariables: true),
        HotspotPage(file: "rlogin.html", hasLoginVariables: false),
    ]

    /// Field names of the portal's entry page, and the router's variables.
    private static let common = [
        ("mac", "mac"), ("ip", "ip"), ("link-login-only", "link-login-only"), ("link-orig", "link-orig"),
        ("identity", "identity"), ("server-name", "server-name"), ("interface-name", "interface-name"),
    ]
    private static let loginOnly = [("error", "error"), ("chap-id", "chap-id"), ("chap-challenge", "chap-challenge")]

    /// `entry`: the portal's address for intercepted guests. The first two lines of the page set the status and the
    /// `Location` of the response.
    func html(entry: String) -> String {
        let fields = Self.common + (hasLoginVariables ? Self.loginOnly : [])
        let address = entry + "?" + fields.map { "\($0.0)=$(\($0.1)-esc)" }.joined(separator: "&")
        let link = address.replacing("&", with: "&amp;")
        return """
            $(if http-status == 302)Hotspot login required$(endif)
            $(if http-header == "Location")\(address)$(endif)
            <!doctype html>
            <html><head><meta charset="utf-8"><title>Sign in</title>
            <meta http-equiv="refresh" content="0; url=\(link)">
            </head><body><a href="\(link)">Sign in</a></body></html>

            """
    }
}
