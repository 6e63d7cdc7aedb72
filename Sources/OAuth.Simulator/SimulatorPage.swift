/// The simulator's pages, without scripts and external resources.
enum SimulatorPage {
    static func choice(_ people: [SimulatedPerson], _ asked: AuthorizationRequest) -> String {
        let cards = people.map { person in
            """
            <button name="person" value="\(escape(person.id))"><span class="face" aria-hidden="true">\(initials(person))\
            </span><span><b>\(escape(person.name))</b><small>\(escape(person.email))</small>\
            <small>\(escape(person.kind))</small></span></button>
            """
        }
        return frame(
            asked.flavor,
            """
            <h1>Choose an account</h1>
            <p>to continue to the guest network. This is a simulation on your own machine; no password is needed.</p>
            <form method="post">\(cards.joined(separator: "\n"))
            <button class="quiet" name="person" value="">Cancel</button></form>
            """)
    }

    static func refusal(_ text: String, _ flavor: Flavor) -> String {
        frame(flavor, "<h1>We can’t sign you in</h1><p>\(escape(text))</p>")
    }

    private static func frame(_ flavor: Flavor, _ content: String) -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
        <title>\(flavor.rawValue) (simulated)</title><style>\(style)</style></head>
        <body class="\(flavor.rawValue.lowercased())"><main><p class="mark">\(flavor.rawValue) <em>simulated</em></p>
        \(content)</main></body></html>
        """
    }

    private static let style = """
        *{box-sizing:border-box}body{--ink:#1b1f24;--tint:#0f6cbd;margin:0;background:#eef1f4;color:var(--ink);\
        font:16px/1.5 system-ui,sans-serif}.google{--tint:#0b57d0}.github{--tint:#1f7a3d}\
        main{max-width:27rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:12px;border-top:5px solid var(--tint);\
        box-shadow:0 2px 18px #0002}.mark{margin:0;font-weight:700;color:var(--tint)}.mark em{font-weight:400;color:#57606a}\
        h1{font-size:1.5rem;margin:.6rem 0 .2rem}p{margin:.2rem 0 1.2rem;color:#444c56}\
        button{display:flex;gap:.9rem;align-items:center;width:100%;text-align:start;font:inherit;color:inherit;\
        background:#fff;border:1px solid #d0d7de;border-radius:8px;padding:.7rem .9rem;margin:0 0 .6rem;cursor:pointer}\
        button:hover,button:focus-visible{border-color:var(--tint);outline:2px solid var(--tint);outline-offset:-1px}\
        b,small{display:block}small{color:#57606a}.face{flex:none;width:2.6rem;height:2.6rem;border-radius:50%;\
        background:var(--tint);color:#fff;display:grid;place-items:center;font-weight:600}\
        .quiet{justify-content:center;border-color:transparent;color:var(--tint)}\
        @media(max-width:30rem){body{background:#fff}main{margin:0;box-shadow:none;border-radius:0}}
        """

    private static func initials(_ person: SimulatedPerson) -> String {
        escape(person.name.split(separator: " ").compactMap(\.first).map(String.init).joined())
    }

    static func query(_ fields: [(String, String)]) -> String {
        fields.map { escapeQuery($0.0) + "=" + escapeQuery($0.1) }.joined(separator: "&")
    }

    private static func escapeQuery(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                String(decoding: [byte], as: UTF8.self)
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    private static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
