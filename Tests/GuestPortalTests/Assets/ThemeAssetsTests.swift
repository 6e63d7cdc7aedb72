import Captive
import Foundation
import HTTPServer
import Images
import Storage
import Testing

@testable import GuestPortal

struct ThemeAssetsTests {
    /// A GIF of 1 by 1 pixel.
    private static let dot: [UInt8] =
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]

    /// Returns a venue with a logo, and the logo's address.
    private func venue() async throws -> (venue: TestVenue, address: String) {
        let venue = try await TestVenue()
        let picture = try Image(Self.dot)
        _ = try await venue.store.setImage(
            .logo, of: venue.instance.id, in: .default, to: picture, now: venue.clock.now)
        let logo = try #require(try await venue.store.instance(venue.instance.id)?.theme.logo)
        return (venue, venue.assets.address(of: logo, as: .logo))
    }

    @Test func `an image is served unchanged, cacheable without a limit, and as nothing else`() async throws {
        let (venue, address) = try await venue()
        for _ in 0...1 {
            let answer = try await venue.send(.get, address)
            #expect(answer.status == .ok)
            #expect(answer.bytes == Self.dot)
            #expect(answer.headers["Content-Type"] == "image/gif")
            #expect(answer.headers["Cache-Control"] == "public, max-age=31536000, immutable")
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
            #expect(answer.headers["Content-Security-Policy"] == "default-src 'none'")
        }
    }

    @Test func `a browser that has the image gets 304`() async throws {
        let (venue, address) = try await venue()
        let tag = try #require(try await venue.send(.get, address).headers["ETag"])
        for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
            let answer = try await venue.send(.get, address, headers: ["If-None-Match": known])
            #expect(answer.status == .notModified)
            #expect(answer.headers["ETag"] == tag)
        }
        #expect(try await venue.send(.get, address, headers: ["If-None-Match": "\"x\""]).status == .ok)
    }

    @Test func `an address that the portal did not make is refused before any read`() async throws {
        let (venue, address) = try await venue()
        let parts = address.split(separator: "?")
        let changed = [
            String(parts[0]), parts[0] + "?signature=", parts[0] + "?signature=" + String(repeating: "0", count: 64),
            parts[0].replacing("logo.gif", with: "logo.html") + "?" + parts[1],
            "/captive/assets/\(UUID().text)/logo.gif?" + parts[1], "/captive/assets/x/logo.gif?" + parts[1],
        ]
        for target in changed { #expect(try await venue.send(.get, target).status == .forbidden, "\(target)") }
    }

    @Test func `a deleted image is not found`() async throws {
        let (venue, address) = try await venue()
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default))
        #expect(try await venue.send(.get, address).status == .notFound)
    }

    @Test func `the guest's page shows the logo with the venue's name as its alternative text`() async throws {
        let (venue, address) = try await venue()
        venue.catalog.evict()
        let page = try await venue.send(.get, try await venue.enter()).text
        #expect(page.contains("<img src=\"\(address)\" alt=\"Hotel &lt;Aurora&gt;\" width=\"1\" height=\"1\">"))
    }
}
