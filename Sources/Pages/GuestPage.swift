package import Captive
package import Foundation

/// A page for a guest. Each page is a value.
package enum GuestPage: Hashable, Sendable {
    /// The form for a code; `code` is the initial text. `after` is how the device's previous session ended.
    case coupon(CouponProblem? = nil, code: String? = nil, after: Ending? = nil)
    /// The button that leads to the identity provider.
    case signIn(AuthIntegration.Provider, SignInProblem? = nil, after: Ending? = nil)
    /// The page that moves the guest out of a captive window that the provider refuses.
    case handover(AuthIntegration.Provider, url: String, window: CaptiveWindow)
    /// The page for a code whose guest is not on the venue's network as far as the portal can see; `caught` is an
    /// address that the venue's router intercepts.
    case join(code: String, caught: String)
    /// The session waits for the router. The page reloads itself.
    case connecting(Wait = .usual)
    case online(Online)
    /// Asks for a confirmation before an action that the guest may not have intended.
    case question(Question)
    /// The session has ended; `again` is the address at which the guest can connect again.
    case ended(Ending, again: String? = nil)
    case failed(FailureReason, keepsCode: Bool = false, again: String? = nil)
    /// Another problem; `back` is the address at which the guest can continue.
    case problem(Problem, back: String? = nil)
    /// The sign-in at a provider failed in a way that has its own page; `back` is the address for another attempt.
    case signInFailed(AuthIntegration.Provider, SignInProblem, back: String? = nil)

    /// How long the guest has waited for the router. Raw values are parts of message keys.
    package enum Wait: String, Hashable, Sendable, CaseIterable {
        case usual = "text"
        case slow, long
    }

    /// How a session ended. Raw values are parts of message keys, and of addresses.
    package enum Ending: String, Hashable, Sendable, CaseIterable {
        case expired, signedOut, disconnected, moved
    }

    /// Why a code was refused.
    package enum CouponProblem: Hashable, Sendable {
        case empty, wrong, expired
        /// Used on another device.
        case used
        case usedUp, ended, elsewhere
        /// The device has another guest's session.
        case occupied
        /// Too many attempts; seconds to wait.
        case tries(seconds: Int)
    }

    /// Why a sign-in failed. Raw values are parts of message keys.
    package enum SignInProblem: String, Hashable, Sendable, CaseIterable {
        case denied, providerDown, signinLost, account, consent, setup
    }

    /// Why the router did not authorize a device. Raw values are parts of message keys.
    package enum FailureReason: String, Hashable, Sendable, CaseIterable {
        case router, unseen, mismatch, full
    }

    /// Other problems.
    package enum Problem: Hashable, Sendable {
        case linkExpired, linkInvalid, listExpired, network, closed, forgotten, missing, request, busy, internalError
        /// The portal cannot write to its database; a code that the guest has just entered is not used.
        case unavailable(keepsCode: Bool)
        /// The request came from a page of another device, or from a form of another site.
        case foreign
        /// The device has another guest's session.
        case occupied
        /// Seconds to wait.
        case tries(seconds: Int)
    }

    /// The captive window of a device, as far as the user agent identifies it.
    package enum CaptiveWindow: String, Hashable, Sendable, CaseIterable {
        case apple, android, other
    }

    /// The content of the status page of a guest who is online.
    package struct Online: Hashable, Sendable {
        package var now: Date
        package var endsAt: Date
        /// The venue's time zone; nil if it is unknown: the page then shows no clock time rather than a wrong one.
        package var timeZone: TimeZone?
        /// The destination of the intercepted request: a validated `http` or `https` URL.
        package var destination: URL?
        /// The address that asks whether to sign out, such as `/logout?token=…`; nil for no such link.
        package var logout: String?
        /// The address for another code; nil if another code would not extend the session.
        package var extend: String?
        /// The address at which a reader who has not proved to own the session can enter its code; nil for no such
        /// link.
        package var enterCode: String?
        /// The code that the guest enters if the portal asks the device again; nil if there is none.
        package var resumeCode: ResumeCode?

        package init(
            now: Date, endsAt: Date, timeZone: TimeZone? = nil, destination: URL? = nil, logout: String? = nil,
            extend: String? = nil, enterCode: String? = nil, resumeCode: ResumeCode? = nil
        ) {
            self.now = now
            self.endsAt = endsAt
            self.timeZone = timeZone
            self.destination = destination
            self.logout = logout
            self.extend = extend
            self.enterCode = enterCode
            self.resumeCode = resumeCode
        }
    }

    /// A question that a form answers with yes, and a link with no.
    package struct Question: Hashable, Sendable {
        /// The subject of the question.
        package enum Kind: Hashable, Sendable, CaseIterable {
            case signOutOfCode, signOutOfAccount
            /// Whether to resume, on this device, the session that the browser's cookie names.
            case resume
        }

        package var kind: Kind
        /// Seconds that the session has left.
        package var seconds: Int
        /// The address to which the form posts.
        package var action: String
        package var back: String

        package init(_ kind: Kind, seconds: Int, action: String, back: String) {
            self.kind = kind
            self.seconds = seconds
            self.action = action
            self.back = back
        }
    }

    /// Whether the page has no content of one guest, so that one rendering serves all.
    package var isShared: Bool {
        switch self {
        case .coupon(.tries, _, _), .handover, .join, .online, .question, .problem(.tries, _): false
        case .coupon(_, let code, _): code == nil
        case .signIn, .connecting: true
        case .ended(_, let again), .failed(_, _, let again): again == nil
        case .problem(_, let back), .signInFailed(_, _, let back): back == nil
        }
    }

    /// Seconds after which a browser reloads the page; nil for a page that does not reload.
    package var refresh: Int? {
        if case .connecting = self { 2 } else { nil }
    }
}
