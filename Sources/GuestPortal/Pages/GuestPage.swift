package import Captive
package import Foundation

/// What a guest is to see. Every page there is, each a value.
package enum GuestPage: Hashable, Sendable {
    /// The form for a code; `code` fills it in. `after` tells how the device's last stay ended.
    case coupon(CouponProblem? = nil, code: String? = nil, after: Ending? = nil)
    /// The button that leads to the identity provider.
    case signIn(AuthIntegration.Provider, SignInProblem? = nil, after: Ending? = nil)
    /// The way out of a captive window that the provider refuses.
    case handover(AuthIntegration.Provider, url: String, window: CaptiveWindow)
    /// A code whose guest is not seen to be on the venue's network; `caught` is an address that its router catches.
    case join(code: String, caught: String)
    /// The router has not confirmed yet. Asks again by itself.
    case connecting(Wait = .usual)
    case online(Online)
    /// Asks before something is done that a guest may not have meant.
    case question(Question)
    /// A stay that is over; `again` is where a guest can connect again.
    case ended(Ending, again: String? = nil)
    case failed(FailureReason, keepsCode: Bool = false, again: String? = nil)
    /// Something else went wrong; `back` is the way on.
    case problem(Problem, back: String? = nil)
    /// Sign-in at a provider failed in a way that has a page of its own; `back` leads to another try.
    case signInFailed(AuthIntegration.Provider, SignInProblem, back: String? = nil)

    /// How long the router has kept a guest waiting. Raw values are parts of message keys.
    package enum Wait: String, Hashable, Sendable, CaseIterable {
        case usual = "text"
        case slow, long
    }

    /// How a stay ended. Raw values are parts of message keys, and of addresses.
    package enum Ending: String, Hashable, Sendable, CaseIterable {
        case expired, signedOut, disconnected, moved
    }

    /// Why a code was refused.
    package enum CouponProblem: Hashable, Sendable {
        case empty, wrong, expired
        /// In use on another device.
        case used
        case usedUp, ended, elsewhere
        /// The device has another guest's session.
        case occupied
        /// Too many tries; seconds to wait.
        case tries(seconds: Int)
    }

    /// Why a sign-in led nowhere. Raw values are parts of message keys.
    package enum SignInProblem: String, Hashable, Sendable, CaseIterable {
        case denied, providerDown, signinLost, account, consent, setup
    }

    /// Why the router did not let a guest through. Raw values are parts of message keys.
    package enum FailureReason: String, Hashable, Sendable, CaseIterable {
        case router, unseen, mismatch, full
    }

    /// What else can happen.
    package enum Problem: Hashable, Sendable {
        case linkExpired, linkInvalid, listExpired, network, closed, forgotten, missing, request, busy, internalError
        /// The portal cannot write down what it does; the code that the guest has just entered is not used.
        case unavailable(keepsCode: Bool)
        /// The request came with another device's page, or from another site's form.
        case foreign
        /// The device has another guest's session.
        case occupied
        /// Seconds to wait.
        case tries(seconds: Int)
    }

    /// The window that a device opens for a portal, as far as a browser tells.
    package enum CaptiveWindow: String, Hashable, Sendable, CaseIterable {
        case apple, android, other
    }

    /// A guest who is through.
    package struct Online: Hashable, Sendable {
        package var now: Date
        package var endsAt: Date
        /// The venue's; nil where nobody knows it, and then no clock time is shown rather than a wrong one.
        package var timeZone: TimeZone?
        /// Where the guest was going: an `http` or `https` URL that was checked before.
        package var destination: URL?
        /// Where the guest is asked whether to sign out, such as `/logout?token=…`; nil for no such link.
        package var logout: String?
        /// Where another code can be entered; nil where none would lengthen the stay.
        package var extend: String?
        /// Where a reader who has not shown to own the session can enter its code; nil for no such link.
        package var enterCode: String?
        /// What the guest enters if the device is asked again; nil if there is none.
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
        /// What is asked.
        package enum Kind: Hashable, Sendable, CaseIterable {
            case signOutOfCode, signOutOfAccount
            /// Whether the session that the browser's cookie names goes on at this device.
            case resume
        }

        package var kind: Kind
        /// Seconds that the session has left.
        package var seconds: Int
        /// What the form posts to.
        package var action: String
        package var back: String

        package init(_ kind: Kind, seconds: Int, action: String, back: String) {
            self.kind = kind
            self.seconds = seconds
            self.action = action
            self.back = back
        }
    }

    /// Whether it holds nothing of one guest, so that one rendering serves all.
    package var isShared: Bool {
        switch self {
        case .coupon(.tries, _, _), .handover, .join, .online, .question, .problem(.tries, _): false
        case .coupon(_, let code, _): code == nil
        case .signIn, .connecting: true
        case .ended(_, let again), .failed(_, _, let again): again == nil
        case .problem(_, let back), .signInFailed(_, _, let back): back == nil
        }
    }

    /// Seconds after which a browser is to ask again; nil for a page that stays.
    package var refresh: Int? {
        if case .connecting = self { 2 } else { nil }
    }
}
