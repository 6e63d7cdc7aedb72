internal import Captive
internal import NetworkAddress

/// How far the router's clock and the portal's are apart, judged. The portal's own matters more: sessions, sign-ins and
/// certificates go by it.
extension GatewayClock {
    /// Seconds apart from which on times are noticeably wrong, and from which on sign-ins fail.
    private static let (noticeable, failing) = (60.0, 300.0)

    private static let routerRemedy =
        "Set the router's clock by NTP (RouterOS: /system ntp client set enabled=yes, with servers that it reaches)."
    private static let portalRemedy =
        "Look at the clock of the portal's machine first (timedatectl), and let NTP set it."

    var finding: Finding {
        guard abs(ahead) >= Self.noticeable else {
            return isSynchronized == false ? unsynchronized : well
        }
        return isSynchronized == false ? routerIsOff : portalMayBeOff
    }

    private var portalMayBeOff: Finding {
        let setter = isSynchronized == true ? ", which the network sets" : ""
        return Finding(
            .routerClock, abs(ahead) >= Self.failing ? .problem : .warning,
            "The portal's clock is \(distance(behind: ahead > 0)) the router's\(setter); "
                + "if the portal's is wrong, sign-ins with providers fail and stays end at the wrong time.",
            remedy: isSynchronized == true ? Self.portalRemedy : "\(Self.portalRemedy) \(Self.routerRemedy)",
            evidence: evidence)
    }

    /// Stays do not go by the router's clock.
    private var routerIsOff: Finding {
        Finding(
            .routerClock, .warning,
            "The router's clock is \(distance(behind: ahead < 0)) the portal's: "
                + "its log tells wrong times, and names that it asks for over HTTPS are not found.",
            remedy: Self.routerRemedy, evidence: evidence)
    }

    private var well: Finding {
        Finding(.routerClock, .ok, "The router's clock agrees with the portal's.", evidence: evidence)
    }

    private var unsynchronized: Finding {
        Finding(
            .routerClock, .advice, "The router's clock agrees with the portal's, but nothing keeps it right.",
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
