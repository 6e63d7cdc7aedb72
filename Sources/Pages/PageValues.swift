import Captive
import Foundation
import NetworkAddress

/// The values for the template of each page.
struct PageValues {
    let template: String
    private(set) var values: [String: Any] = [:]
    private let language: Language

    init(_ page: GuestPage, in language: Language) {
        self.language = language
        template = Self.template(of: page)
        switch page {
        case .coupon(let problem, let code, let ending):
            values["title"] = language.message("coupon.title")
            values["code"] = code
            after(ending)
            values["alert"] = problem.map(alert)
        case .signIn(let provider, let problem, let ending):
            signIn(provider, problem)
            after(ending)
        case .handover(let provider, let url, let window): handover(provider, url, window)
        case .join(let code, let caught): join(code, caught)
        case .connecting(let wait):
            values["title"] = language.message("connecting.title")
            values["text"] = language.message("connecting.\(wait.rawValue)")
        case .online(let online): self.online(online)
        case .question(let question): self.question(question)
        case .ended(let ending, let again):
            notice(ending.rawValue, sign: ending == .expired ? "clock" : "door", next: again, "again")
        case .failed(let reason, let keepsCode, let again): failed(reason, keepsCode, again)
        case .problem(let problem, let back): self.problem(problem, back)
        case .signInFailed(let provider, let problem, let back): signInFailed(provider, problem, back)
        }
    }

    private static func template(of page: GuestPage) -> String {
        switch page {
        case .coupon: "coupon"
        case .signIn: "signin"
        case .handover: "handover"
        case .join: "join"
        case .connecting: "connecting"
        case .online: "online"
        case .question: "question"
        case .ended, .failed, .problem, .signInFailed: "notice"
        }
    }

    /// Adds how the previous session ended, above the form or button for the next.
    private mutating func after(_ ending: GuestPage.Ending?) {
        guard let ending else { return }
        values["note"] = language.message("\(ending.rawValue).title")
        values["noteText"] = language.message("\(ending.rawValue).text")
    }

    private func alert(_ problem: GuestPage.CouponProblem) -> String {
        switch problem {
        case .empty: language.message("code.empty")
        case .wrong: language.message("code.wrong")
        case .expired: language.message("code.expired")
        case .used: language.message("code.used")
        case .usedUp: language.message("code.usedUp")
        case .ended: language.message("code.ended")
        case .occupied: language.message("code.occupied")
        case .elsewhere: language.message("code.elsewhere")
        case .tries(let seconds):
            language.message("code.tries", ["time": TimeLeft(language: language).wait(seconds: seconds)])
        }
    }

    private mutating func signIn(_ provider: AuthIntegration.Provider, _ problem: GuestPage.SignInProblem?) {
        values["title"] = language.message("signin.title")
        values["text"] = language.message("signin.text", ["provider": provider.displayName])
        values["button"] = language.message("signin.button", ["provider": provider.displayName])
        values["providerIcon"] = "icons/\(provider.rawValue)"
        values["alert"] = problem.map {
            language.message("problem.\($0.rawValue).title", ["provider": provider.displayName])
        }
    }

    private mutating func handover(
        _ provider: AuthIntegration.Provider, _ url: String, _ window: GuestPage.CaptiveWindow
    ) {
        values["title"] = language.message("handover.title")
        values["text"] = language.message("handover.text", ["provider": provider.displayName])
        values["address"] = url
        // A line break, if any, is in front of the part that the guest has to type exactly.
        let shown = url.trimmingPrefix(#/https?:\/\//#)
        let tail = shown.lastIndex(of: "/").map { shown[$0...].dropFirst() } ?? ""
        values["addressHead"] = String(shown.dropLast(tail.count))
        values["addressTail"] = String(tail)
        values["step"] = window == .other ? nil : language.message("handover.\(window.rawValue)")
    }

    private mutating func join(_ code: String, _ caught: String) {
        values["title"] = language.message("join.title")
        values["text"] = language.message("join.text")
        values["code"] = code
        values["action"] = caught
    }

    private mutating func question(_ question: GuestPage.Question) {
        let (key, more): (String, String?) =
            switch question.kind {
            case .signOutOfCode: ("question.signOut", "question.signOut.code")
            case .signOutOfAccount: ("question.signOut", "question.signOut.account")
            case .resume: ("question.resume", nil)
            }
        let time = TimeLeft(language: language).duration(seconds: question.seconds)
        values["title"] = language.message("\(key).title")
        values["text"] = language.message("\(key).text", ["time": time])
        values["more"] = more.map { language.message($0) }
        values["sign"] = question.kind == .resume ? "icons/wifi" : "icons/door"
        values["action"] = question.action
        values["yes"] = language.message(question.kind == .resume ? "question.resume.yes" : "signout")
        values["back"] = question.back
        values["no"] = language.message("\(key).no")
    }

    private mutating func online(_ online: GuestPage.Online) {
        let time = TimeLeft(language: language)
        // Rounds up to a full minute, so that a guest first reads the duration that was promised.
        let seconds = Int(saturating: (online.endsAt.timeIntervalSince(online.now) / 60).rounded(.up)) * 60
        values["title"] = language.message("online.title")
        values["left"] = language.message("online.left", ["time": time.duration(seconds: seconds)])
        values["until"] = online.timeZone.map { time.until(online.endsAt, now: online.now, timeZone: $0) }
        values["endsAt"] = online.endsAt.formatted(.iso8601)
        values["logout"] = online.logout
        values["extend"] = online.extend
        values["enterCode"] = online.enterCode
        values["resumeCode"] = online.resumeCode?.shown
        guard let destination = online.destination, let host = destination.host() else { return }
        values["destination"] = destination.absoluteString
        values["continue"] = language.message("online.continue", ["host": String(host.trimmingPrefix("www."))])
    }

    private mutating func failed(_ reason: GuestPage.FailureReason, _ keepsCode: Bool, _ again: String?) {
        notice("failed", sign: "alert", next: again, "retry")
        let parts = [language.message("failed.\(reason.rawValue)"), keepsCode ? language.message("failed.kept") : nil]
        values["text"] = parts.compactMap(\.self).joined(separator: " ")
        values["help"] = language.message(reason == .mismatch || reason == .unseen ? "help.rejoin" : "help.retry")
    }

    private mutating func problem(_ problem: GuestPage.Problem, _ back: String?) {
        let words = problem.words
        notice("problem.\(words.name)", sign: words.sign, next: back, "retry")
        values["help"] = words.help.map { language.message($0) }
        switch problem {
        case .tries(let seconds):
            let wait = TimeLeft(language: language).wait(seconds: seconds)
            values["text"] = language.message("problem.tries.text", ["time": wait])
        case .unavailable(keepsCode: true): values["text"] = language.message("failed.kept")
        default: break
        }
    }

    private mutating func signInFailed(
        _ provider: AuthIntegration.Provider, _ problem: GuestPage.SignInProblem, _ back: String?
    ) {
        notice("problem.\(problem.rawValue)", sign: "alert", next: back, "retry", provider: provider.displayName)
        values["help"] = language.message(problem.help)
    }

    private mutating func notice(
        _ key: String, sign: String, next: String?, _ label: String, provider: String = ""
    ) {
        values["title"] = language.message("\(key).title", ["provider": provider])
        values["text"] = language.messages["\(key).text"].map { _ in
            language.message("\(key).text", ["provider": provider])
        }
        values["sign"] = "icons/\(sign)"
        values["action"] = next
        values["actionLabel"] = language.message(label)
        values["help"] = next == nil ? language.message("help.rejoin") : nil
    }
}

extension AuthIntegration.Provider {
    /// The name as the provider itself writes it.
    package var displayName: String {
        switch self {
        case .azure: "Microsoft"
        case .github: "GitHub"
        case .google: "Google"
        }
    }
}

extension GuestPage.Problem {
    /// The middle part of the problem's message keys, its icon, and the help message.
    fileprivate var words: (name: String, sign: String, help: String?) {
        switch self {
        case .linkExpired: ("linkExpired", "clock", "help.rejoin")
        case .linkInvalid: ("linkInvalid", "link", "help.rejoin")
        case .listExpired: ("listExpired", "clock", nil)
        case .network: ("network", "wifi", "help.rejoin")
        case .closed: ("closed", "door", "help.staff")
        case .forgotten: ("forgotten", "clock", "help.rejoin")
        case .missing: ("missing", "link", nil)
        case .request: ("request", "alert", "help.retry")
        case .busy: ("busy", "clock", "help.retry")
        case .internalError: ("internal", "alert", "help.retry")
        case .unavailable: ("unavailable", "clock", "help.later")
        case .foreign: ("foreign", "link", "help.rejoin")
        case .occupied: ("occupied", "wifi", nil)
        case .tries: ("tries", "clock", nil)
        }
    }
}

extension GuestPage.SignInProblem {
    fileprivate var help: String {
        switch self {
        case .denied, .providerDown, .signinLost: "help.retry"
        case .account: "help.account"
        case .consent, .setup: "help.staff"
        }
    }
}
