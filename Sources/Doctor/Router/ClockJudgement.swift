internal import Captive

extension GatewayClock {
    /// Seconds off from which on time limits and certificates are noticeably wrong, and from which on they fail.
    private static let (noticeable, failing) = (60.0, 300.0)

    private static let remedy =
        "Set the router's clock by the network: /system ntp client set enabled=yes, with servers that it reaches."

    /// How far a router's clock is off, judged.
    var finding: Finding {
        let seconds = Int(abs(ahead).rounded())
        let evidence = ["\(ahead < 0 ? "-" : "+")\(seconds) s"]
        guard abs(ahead) >= Self.noticeable else {
            return isSynchronized == false ? unsynchronized(evidence) : well(evidence)
        }
        let isFailing = abs(ahead) >= Self.failing
        let direction = ahead < 0 ? "behind" : "ahead"
        return Finding(
            .routerClock, isFailing ? .problem : .warning,
            "The router's clock is \(seconds) s \(direction) of the portal's"
                + (isFailing ? ": certificates and sign-ins that pass by it fail." : "."),
            remedy: Self.remedy, evidence: evidence)
    }

    private func well(_ evidence: [String]) -> Finding {
        Finding(.routerClock, .ok, "The router's clock agrees with the portal's.", evidence: evidence)
    }

    private func unsynchronized(_ evidence: [String]) -> Finding {
        Finding(
            .routerClock, .advice, "The router's clock is right, but nothing keeps it so.", remedy: Self.remedy,
            evidence: evidence)
    }
}
