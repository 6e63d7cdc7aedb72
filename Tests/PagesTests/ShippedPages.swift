import Captive
import Foundation

@testable import Pages

/// The shipped templates, in the form that the tests of pages use.
enum ShippedPages {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path()
    static let templates = root + "Templates"
    /// Every language that is shipped, sorted.
    static let tags = ((try? FileManager.default.contentsOfDirectory(atPath: templates + "/locales")) ?? [])
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()

    /// Reading the templates takes a second in a debug build, so all tests share one reading.
    private static let shared = Result { try PageRenderer(directories: [templates]) }
    static func renderer() throws -> PageRenderer { try shared.get() }

    static func instance(_ name: String = "Seaside Café", terms: String? = nil, revision: Int = 1) -> Instance {
        Instance(
            id: UUID(), workspace: .default, name: name, strategy: .coupon, sessionTTL: 3600, termsText: terms,
            createdAt: Date(timeIntervalSince1970: 0), revision: revision)
    }

    static func venue(_ name: String = "Seaside Café", terms: String? = nil) -> Venue {
        Venue(instance(name, terms: terms)) { _, _ in "/captive/assets/image" }
    }

    static let now = Date(timeIntervalSince1970: 1_800_000_000)
    static let online = GuestPage.Online(
        now: now, endsAt: now + 90_000, timeZone: .gmt,
        destination: URL(string: "https://www.example.com/news?a=1&b=2"),
        logout: "/logout?token=t", extend: "/preauth?token=t", resumeCode: ResumeCode(typed: "K7QM4XPD"))
    /// The page of a reader who has not proved to own the session.
    static let onlineWithoutRights = GuestPage.Online(now: now, endsAt: now + 90_000, enterCode: "/preauth?token=t")

    /// At least one of each page and each message in it.
    static var pages: [GuestPage] {
        let providers: [AuthIntegration.Provider] = [.azure, .github, .google]
        return coupons + notices + GuestPage.Wait.allCases.map { .connecting($0) }
            + [.join(code: "7KQ4MX", caught: "http://192.0.2.1/c/7KQ4MX")]
            + [.online(online), .online(onlineWithoutRights)]
            + providers.map { .signIn($0) } + providers.map { .signIn($0, .denied, after: .expired) }
            + GuestPage.CaptiveWindow.allCases.map {
                .handover(.google, url: "https://wifi.example.com/go/K7Q", window: $0)
            }
    }

    private static let coupons: [GuestPage] =
        [
            .coupon(), .coupon(code: "7KQ4MX"), .coupon(.empty), .coupon(.wrong), .coupon(.expired), .coupon(.used),
            .coupon(.elsewhere), .coupon(.usedUp), .coupon(.ended), .coupon(.occupied), .coupon(.tries(seconds: 42)),
            .coupon(.tries(seconds: 130)),
        ] + GuestPage.Ending.allCases.map { .coupon(after: $0) }

    private static var notices: [GuestPage] {
        let problems: [GuestPage.Problem] = [
            .linkExpired, .linkInvalid, .listExpired, .network, .closed, .forgotten, .missing, .request, .busy,
            .internalError, .foreign, .occupied, .unavailable(keepsCode: true), .unavailable(keepsCode: false),
            .tries(seconds: 61),
        ]
        return GuestPage.Ending.allCases.map { .ended($0) }
            + GuestPage.Ending.allCases.map { .ended($0, again: "/again") }
            + GuestPage.FailureReason.allCases.map { .failed($0, keepsCode: true, again: "/again") }
            + problems.map { .problem($0) }
            + GuestPage.SignInProblem.allCases.map { .signInFailed(.azure, $0, back: "/again") }
    }
}
