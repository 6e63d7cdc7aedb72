/// A page of the hotspot's servlet that sends a guest to the portal. The router fills in `$(…)`;
/// `-esc` makes a value fit for an address.
struct HotspotPage {
    let file: String
    /// What only the login page knows.
    private let knowsLogin: Bool

    /// `rlogin.html` meets guests who wanted another site, `login.html` those sent to the router itself.
    static let all = [
        HotspotPage(file: "login.html", knowsLogin: true), HotspotPage(file: "rlogin.html", knowsLogin: false),
    ]

    /// Field names of the portal's entry, and the router's variables.
    private static let common = [
        ("mac", "mac"), ("ip", "ip"), ("link-login-only", "link-login-only"), ("link-orig", "link-orig"),
        ("identity", "identity"), ("server-name", "server-name"), ("interface-name", "interface-name"),
    ]
    private static let loginOnly = [("error", "error"), ("chap-id", "chap-id"), ("chap-challenge", "chap-challenge")]

    /// `entry`: where the portal takes captured guests. The first two lines become status and `Location` of the answer.
    func html(entry: String) -> String {
        let fields = Self.common + (knowsLogin ? Self.loginOnly : [])
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
