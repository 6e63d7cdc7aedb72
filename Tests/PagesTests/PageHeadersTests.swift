import Testing

@testable import Pages

struct PageHeadersTests {
    private static let page = RenderedPage(html: [], styleHash: "sha256-abc=", languageTag: "de", refresh: nil)

    @Test func `a page may not load, run, frame or send anything`() {
        let fields = Self.fields(PageHeaders(), Self.page)
        #expect(
            fields["Content-Security-Policy"]
                == "default-src 'none'; style-src 'sha256-abc='; img-src 'self' data:; form-action 'self'; "
                + "base-uri 'none'; frame-ancestors 'none'")
        #expect(fields["Referrer-Policy"] == "no-referrer")
        #expect(fields["X-Content-Type-Options"] == "nosniff")
        #expect(fields["Cache-Control"] == "no-store")
        #expect(fields["Content-Language"] == "de")
        #expect(fields["Vary"] == "Accept-Encoding, Accept-Language")
        #expect(fields["Content-Type"] == "text/html; charset=utf-8")
        #expect(fields["Refresh"] == nil)
    }

    @Test func `a form may redirect to the identity providers in use`() {
        let headers = PageHeaders(formOrigins: ["https://login.microsoftonline.com", "https://github.com"])
        #expect(
            Self.fields(headers, Self.page)["Content-Security-Policy"]?.contains(
                "form-action 'self' https://login.microsoftonline.com https://github.com;") == true)
    }

    @Test func `strict transport is requested over https only`() {
        #expect(Self.fields(PageHeaders(), Self.page)["Strict-Transport-Security"] == nil)
        let secure = Self.fields(PageHeaders(isSecure: true), Self.page)
        #expect(secure["Strict-Transport-Security"] == "max-age=31536000")
    }

    @Test func `the page that waits reloads after two seconds`() {
        let page = RenderedPage(html: [], styleHash: "sha256-abc=", languageTag: "de", refresh: 2)
        #expect(Self.fields(PageHeaders(), page)["Refresh"] == "2")
    }

    private static func fields(_ headers: PageHeaders, _ page: RenderedPage) -> [String: String] {
        Dictionary(uniqueKeysWithValues: headers.fields(for: page).map { ($0.name, $0.value) })
    }
}
