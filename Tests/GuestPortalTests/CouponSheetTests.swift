import Captive
import Foundation
import HTTPServer
import Testing
import TimeZones

@testable import GuestPortal

@Suite struct CouponSheetTests {
    private func sheet(
        of instance: Instance, count: Int = 2, zone: String? = "Europe/Berlin", name: String = "Mornings"
    ) throws -> CouponSheet {
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let recurrence = try #require(Recurrence(.daily, in: "Europe/Berlin"))
        let schedule = CouponSchedule(
            id: UUID(), instanceID: instance.id, name: name, count: count, recurrence: recurrence, validMinutes: 60,
            nextRunAt: now, createdAt: now)
        var generator = SystemRandomNumberGenerator()
        let coupons = (0..<count).map { _ in
            Coupon(
                id: UUID(), instanceID: instance.id, scheduleID: schedule.id, code: .random(using: &generator),
                expiresAt: now + 3_600, createdAt: now)
        }
        let rules = try zone.map { try ZoneDatabase.system.rules(of: $0) }
        return CouponSheet(instance: instance, schedule: schedule, coupons: coupons, zone: rules)
    }

    @Test func `a card has the code, its time in the schedule's time zone, and a QR code`() async throws {
        let venue = try await TestVenue()
        let sheet = try sheet(of: venue.instance)
        let response = venue.portal.couponSheet(sheet)
        #expect(response.status == .ok && response.headers["Cache-Control"] == "private, no-store")
        #expect(response.headers["X-Robots-Tag"] == "noindex" && response.headers["Referrer-Policy"] == "no-referrer")
        for coupon in sheet.coupons { #expect(response.text.contains(">\(coupon.code.rawValue)</p>")) }
        #expect(response.text.contains("Valid until 2027‑01‑15, 10:00"))
        #expect(response.text.contains("For one device: 1 hour online"))
        #expect(response.text.components(separatedBy: "aria-label=\"QR ").count == 1 + 2)
    }

    @Test func `without the zone's rules times are in UTC and marked so`() async throws {
        let venue = try await TestVenue()
        let text = venue.portal.couponSheet(try sheet(of: venue.instance, zone: nil)).text
        #expect(text.contains("Valid until 2027‑01‑15, 09:00 UTC"))
    }

    @Test(arguments: try TestVenue.languageTags())
    func `a sheet is in the venue's language, whatever the tag`(tag: String) async throws {
        let venue = try await TestVenue(locale: tag)
        let text = venue.portal.couponSheet(try sheet(of: venue.instance, name: "<b>&\"'")).text
        #expect(text.contains("<html lang=\"\(tag)\"") && !text.contains("sheet.") && !text.contains("{" + "time}"))
        #expect(text.contains("Hotel &lt;Aurora&gt;") && text.contains("&lt;b&gt;&amp;&quot;&#39;"))
    }

    @Test func `a sheet without coupons has a text for that`() async throws {
        let venue = try await TestVenue()
        let text = venue.portal.couponSheet(try sheet(of: venue.instance, count: 0)).text
        #expect(text.contains("No code is valid at the moment."))
    }

    @Test(arguments: [(SignedURL.Failure.expired, "This link has expired"), (.invalid, "This link isn’t complete")])
    func `a refused address leads to a page`(failure: SignedURL.Failure, title: String) async throws {
        let request = Request(method: .get, target: "/captive/coupons")
        let response = try await TestVenue().portal.couponSheetRefusal(failure, to: request)
        #expect(response.status == .forbidden && response.text.contains("<h1>\(title)</h1>"))
        #expect(response.headers["Cache-Control"] == "private, no-store")
    }

    @Test func `a QR code has its finder patterns in three corners`() throws {
        let code = try #require(QRCode("http://portal.test/c/7KQ4MX"))
        #expect(code.side == code.width + 8)
        for corner in ["M4 4h7v1h-7z", "M\(code.width - 3) 4h7v1h-7z", "M4 \(code.width + 3)h7v1h-7z"] {
            #expect(code.path.contains(corner))
        }
        #expect(QRCode(String(repeating: "x", count: 3_000)) == nil)
    }
}
