import Captive
import Foundation
import GatewaySimulator
import HTTPServer
import NetworkAddress
import Testing

/// A guest with a device and a browser, honest or not. The browser keeps cookies and the page that it shows.
final class Guest {
    let name: String
    let world: World
    /// MAC addresses that the device may use, one at a time.
    let macs: [MACAddress]
    var mac: MACAddress
    var ip: IPAddress
    /// Whether the portal sees a translated address.
    let isTranslated: Bool
    private let keepsCookies: Bool
    private var cookies: [String: String] = [:]
    /// Coupons that this guest has bought.
    var coupons: [Coupon] = []
    private(set) var page: String?
    private(set) var status: String?
    private(set) var extend: String?
    private(set) var resumeCode: String?

    init(_ number: Int, in world: World, isTranslated: Bool, keepsCookies: Bool) throws {
        name = "guest \(number)"
        self.world = world
        macs = try (0..<3).map { try #require(MACAddress(rawValue: 0xAABB_0000_0000 + UInt64(number * 16 + $0))) }
        mac = macs[0]
        ip = .v4(0x0A05_3200 + UInt32(10 + number * 10))
        self.isTranslated = isTranslated
        self.keepsCookies = keepsCookies
        world.router.connect(mac, ip)
    }

    var client: GatewayClient { GatewayClient(mac: mac, ip: ip) }

    private var source: IPAddress { isTranslated ? .v4(0xC000_0201) : ip }

    /// Sends the request that the router redirects to the portal; `victim`: with another device's addresses in the
    /// query.
    func enter(as victim: GatewayClient? = nil) async throws {
        let named = victim ?? client
        try await follow(.get, "/hotspot/\(world.siteID.text)?mac=\(named.mac)&ip=\(named.ip)")
    }

    /// Enters a code on the open page.
    func type(_ code: String) async throws {
        guard let page else { return }
        try await follow(.post, page, form: "code=\(code)")
    }

    func addTime(_ code: String) async throws {
        guard let extend else { return }
        try await follow(.post, extend, form: "code=\(code)")
    }

    func signOut() async throws {
        guard let status else { return }
        try await follow(.post, status.replacing("/status", with: "/logout"), form: "")
    }

    func acceptResume() async throws {
        guard let page, page.hasPrefix("/resume") else { return }
        try await follow(.post, page, form: "")
    }

    /// Returns the status page; nil if there is none.
    func look() async throws -> String? {
        guard let status else { return nil }
        return try await follow(.get, status)
    }

    /// Follows redirects as a browser does; returns the text of the last page.
    @discardableResult
    private func follow(_ method: HTTPServer.Method, _ target: String, form: String? = nil) async throws -> String {
        var (method, target, form) = (method, target, form)
        for _ in 0..<6 {
            let response = try await send(method, target, form)
            #expect(response.status.rawValue < 500 || response.status.rawValue == 503, "\(target): \(response.status)")
            guard let location = response.headers["Location"] else {
                remember(target, response.text)
                return response.text
            }
            (method, target, form) = (.get, location.replacing("http://portal.test", with: ""), nil)
        }
        Issue.record("a redirect that does not end: \(target)")
        return ""
    }

    private func remember(_ target: String, _ text: String) {
        if target.hasPrefix("/preauth") || target.hasPrefix("/resume") { page = target }
        guard target.hasPrefix("/status") else { return }
        status = target
        if let link = text.firstMatch(of: #/href="(\/preauth\?token=[^"]+)"/#) { extend = String(link.output.1) }
        if let code = text.firstMatch(of: #/<code dir="ltr">([^<]+)</#) { resumeCode = String(code.output.1) }
    }

    private func send(_ method: HTTPServer.Method, _ target: String, _ form: String?) async throws -> Response {
        var headers: Headers = ["Host": "portal.test"]
        if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        if keepsCookies, !cookies.isEmpty {
            headers["Cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ")
        }
        let request = Request(
            method: method, target: target, headers: headers, body: Array((form ?? "").utf8), client: source,
            isSecure: false)
        let response = try await world.answer(request)
        for field in response.headers.values("Set-Cookie") {
            let pair = field.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
            if pair.count == 2 { cookies[String(pair[0])] = String(pair[1]) }
        }
        return response
    }
}

extension Response {
    var text: String {
        switch body {
        case .empty: ""
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .shared(let shared): String(decoding: shared.bytes, as: UTF8.self)
        }
    }
}
