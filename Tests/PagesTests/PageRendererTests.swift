import Captive
import Crypto
import Foundation
import Testing

@testable import Pages

struct PageRendererTests {
    @Test(arguments: ShippedPages.tags)
    func `no page has a script, a foreign origin or a gap`(_ tag: String) throws {
        for (page, html) in try Self.all(tag) {
            let text = html.lowercased().replacing(#/<style>.*?<\/style>/#.dotMatchesNewlines(), with: "")
            let forbidden = [
                #/<script|javascript:/#, #/\son[a-z]+=/#, #/\ssrc="(?!\/)|<link (?!rel="icon" href="\/)/#, #/ style=/#,
                #/\{|\}|problem\.[a-z]+|code\.[a-z]+/#,
            ]
            for pattern in forbidden { #expect(text.firstMatch(of: pattern)?.output == nil, "\(page)") }
            #expect(html.firstMatch(of: #/url\(|@import/#)?.output == nil, "\(page)")
            #expect(html.firstMatch(of: #/<title>[^<]+<\/title>/#)?.output != nil, "\(page)")
            #expect(html.firstMatch(of: #/<h1>[^<]+<\/h1>/#)?.output != nil, "\(page)")
        }
    }

    @Test func `every page declares its language and its direction`() throws {
        #expect(try Self.render(.coupon(), "ar").contains(#"<html lang="ar" dir="rtl">"#))
        #expect(try Self.render(.coupon(), "pt").contains(#"<html lang="pt" dir="ltr">"#))
    }

    @Test func `the style's hash is that of the style in the page`() throws {
        let renderer = try ShippedPages.renderer()
        let english = try #require(renderer.languages.language("en"))
        let page = renderer.render(PageContext(.coupon(), in: english, of: ShippedPages.venue()))
        let html = String(decoding: page.html, as: UTF8.self)
        let style = try #require(html.firstMatch(of: #/<style>(.*?)<\/style>/#.dotMatchesNewlines())).output.1
        let hash = Data(SHA256.hash(data: Data(style.utf8))).base64EncodedString()
        #expect(page.styleHash == "sha256-" + hash)
        #expect(html.matches(of: #/<style/#).count == 1)
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onfocus='alert(1)",
        "a & b {{title}} {{{style}}}",
        "<\u{301}img src=x>", "\"\u{301} autofocus onfocus=alert(1) x=\"", "</title></style><svg>", "\u{0}<b>",
    ])
    func `a hostile name, terms or code is escaped as text`(_ text: String) throws {
        let renderer = try ShippedPages.renderer()
        let english = try #require(renderer.languages.language("en"))
        func render(_ text: String) -> [UInt8] {
            var venue = ShippedPages.venue(text, terms: text)
            venue.logoURL = "/logo"
            return renderer.render(PageContext(.coupon(code: text), in: english, of: venue)).html
        }
        let (harmless, hostile) = (render("x"), render(text))
        for character in ["<", ">", "\"", "'", "\0"] as [Unicode.Scalar] {
            #expect(Self.count(character, hostile) == Self.count(character, harmless), "\(character)")
        }
    }

    @Test func `the form of a page posts to the address that the page came from`() throws {
        let html = try Self.render(.coupon(), "en")
        #expect(html.contains(#"<form method="post">"#))
        #expect(!html.contains("action="))
    }

    @Test func `the code field has the attributes that help phones`() throws {
        let html = try Self.render(.coupon(), "en")
        for attribute in [
            #"autocapitalize="characters""#, #"autocomplete="one-time-code""#, #"inputmode="text""#,
            #"spellcheck="false""#, #"enterkeyhint="go""#, #"aria-describedby="hint""#,
        ] { #expect(html.contains(attribute)) }
    }

    @Test func `a refused code is announced and tied to its field`() throws {
        let html = try Self.render(.coupon(.used), "en")
        #expect(html.contains(#"id="alert" role="alert""#))
        #expect(html.contains(#"aria-invalid="true""#) && html.contains(#"aria-describedby="alert""#))
        #expect(html.contains("This code is already in use on another device."))
    }

    @Test func `a preview is marked and its form is disabled`() throws {
        let renderer = try ShippedPages.renderer()
        let english = try #require(renderer.languages.language("en"))
        for page in [GuestPage.coupon(), .signIn(.azure)] {
            let context = PageContext(page, in: english, of: ShippedPages.venue(), isPreview: true)
            let html = String(decoding: renderer.render(context).html, as: UTF8.self)
            #expect(html.contains("<fieldset disabled>") && html.contains(#"class="preview""#))
        }
        #expect(!(try Self.render(.coupon(), "en")).contains("<fieldset disabled>"))
    }

    @Test func `only the page that waits reloads itself`() throws {
        let renderer = try ShippedPages.renderer()
        let english = try #require(renderer.languages.language("en"))
        for page in ShippedPages.pages {
            let refresh = renderer.render(PageContext(page, in: english)).refresh
            if case .connecting = page { #expect(refresh == 2) } else { #expect(refresh == nil) }
        }
    }

    @Test func `a guest who is online reads how long, until when and where to`() throws {
        let html = try Self.render(.online(ShippedPages.online), "en")
        #expect(html.contains("1 day 1 hour left"))
        #expect(html.contains("Until tomorrow, 09:00"))
        #expect(
            html.contains(
                #"<a class="button" href="https://www.example.com/news?a=1&amp;b=2">Continue to example.com</a>"#))
        #expect(html.contains(#"<a class="button quiet" href="/logout?token=t">"#))
    }

    @Test func `an operator's template replaces the shipped one, and the rest is unchanged`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let template = "{{<layout}}\n{{$main}}\n<h1>{{title}}</h1><p>{{brand}}</p>\n{{/main}}\n{{/layout}}\n"
        try Data(template.utf8).write(to: folder.appending(path: "coupon.mustache"))
        let renderer = try PageRenderer(directories: [folder.path(), ShippedPages.templates])
        let english = try #require(renderer.languages.language("en"))
        let context = PageContext(.coupon(), in: english, of: ShippedPages.venue("<\u{301}b>"))
        let html = String(decoding: renderer.render(context).html, as: UTF8.self)
        #expect(html.contains("<h1>Connect to Wi-Fi</h1><p>&lt;\u{301}b&gt;</p>"))
        #expect(!html.contains("<form"))
        #expect(
            String(decoding: renderer.render(PageContext(.connecting(), in: english)).html, as: UTF8.self).contains(
                "sign wait"))
    }

    @Test func `a template that is missing or broken stops the start`() throws {
        #expect(throws: PageFileError.self) { try PageRenderer(directories: ["/nonexistent"]) }
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("{{#open}}".utf8).write(to: folder.appending(path: "notice.mustache"))
        #expect(throws: PageFileError.self) { try PageRenderer(directories: [folder.path(), ShippedPages.templates]) }
    }

    @Test(arguments: [
        "json_invalid", "parameter_missing", "parameter_invalid", "parameter_unknown", "token_missing", "token_invalid",
        "token_expired", "scope_missing", "signature_invalid", "signature_expired", "resource_not_found",
        "route_not_found",
        "method_not_allowed", "conflict", "payload_too_large", "media_type_unsupported", "rate_limited",
        "internal_error",
        "router_unreachable", "unavailable",
    ])
    func `every error code of the control API is explained`(_ code: String) throws {
        let renderer = try ShippedPages.renderer()
        let page = try #require(renderer.renderAPIError(code))
        #expect(String(decoding: page.html, as: UTF8.self).contains("<code>\(code)</code>"))
        #expect(renderer.renderAPIError("no_such_code") == nil)
    }

    private static func render(_ page: GuestPage, _ tag: String) throws -> String {
        let renderer = try ShippedPages.renderer()
        let language = try #require(renderer.languages.language(tag))
        return String(
            decoding: renderer.render(PageContext(page, in: language, of: ShippedPages.venue())).html, as: UTF8.self)
    }

    private static func all(_ tag: String) throws -> [(GuestPage, String)] {
        let renderer = try ShippedPages.renderer()
        let language = try #require(renderer.languages.language(tag))
        return ShippedPages.pages.map { page in
            let context = PageContext(page, in: language, of: ShippedPages.venue(terms: "Be kind."))
            return (page, String(decoding: renderer.render(context).html, as: UTF8.self))
        }
    }

    private static func count(_ character: Unicode.Scalar, _ html: [UInt8]) -> Int {
        html.count { $0 == UInt8(ascii: character) }
    }
}
