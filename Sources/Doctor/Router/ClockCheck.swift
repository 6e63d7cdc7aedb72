internal import Captive
internal import NetworkAddress

/// Compares the router's clock with the portal's. The portal's clock matters more: sessions, sign-ins and certificates
/// depend on it.
extension GatewayClock {
    /// Seconds of difference from which on times are noticeably wrong, and from which on sign-ins fail.
    private static let (noticeable, failing) = (60.0, 300.0)

    private static let routerRemedy =
        "Synchronise the router's clock by NTP (RouterOS: /system ntp client set enabled=yes, with reachable servers)."
    private static let portalRemedy =
        "Check the clock of the portal's machine first (timedatectl), and synchronise it by NTP."

    var finding: Finding {
        guard abs(ahead) >= Self.noticeable else {
            return isSynchronized == false ? unsynchronized : ok
        }
        return isSynchronized == false ? routerIsWrong : portalMayBeWrong
    }

    private var portalMayBeWrong: Finding {
        let source = isSynchronized == true ? ", which is synchronised by NTP" : ""
        return Finding(
            .routerClock, abs(ahead) >= Self.failing ? .problem : .warning,
            "The portal's clock is \(distance(behind: ahead > 0)) the router's\(source); "
                + "if the portal's is wrong, sign-ins with providers fail and sessions end at the wrong time.",
            remedy: isSynchronized == true ? Self.portalRemedy : "\(Self.portalRemedy) \(Self.routerRemedy)",
            evidence: evidence)
    }

    /// A warning only, because sessions do not depend on the router's clock.
    private var routerIsWrong: Finding {
        Finding(
            .routerClock, .warning,
            "The router's clock is \(distance(behind: ahead < 0)) the portal's: "
                + "the times in its log are wrong, and DNS over HTTPS fails.",
            remedy: Self.routerRemedy, evidence: evidence)
    }

    private var ok: Finding {
        Finding(.routerClock, .ok, "The router's clock agrees with the portal's.", evidence: evidence)
    }

    private var unsynchronized: Finding {
        Finding(
            .routerClock, .advice, "The router's clock agrees with the portal's, but is not synchronised.",
            remedy: Self.routerRemedy, evidence: evidence)
    }

    private var evidence: [String] { ["\(ahead < 0 ? "-" : "+")\(Int(saturating: abs(ahead).rounded())) s"] }

    private func distance(behind: Bool) -> String {
        let seconds = Int(saturating: abs(ahead).rounded())
        let length =
            switch seconds {
            case ..<180: "\(seconds) s"
            case ..<10_800: "\(seconds / 60) min"
            case ..<259_200: "\(seconds / 3_600) h"
            default: "\(seconds / 86_400) days"
            }
        return "\(length) \(behind ? "behind" : "ahead of")"
    }
}
