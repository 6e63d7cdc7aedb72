internal import Captive
internal import HTTPClient

/// What a device makes of the answer to its probe.
extension DeviceProbe {
    private static let remedy =
        "Let nothing stand before the portal's plain listener that answers in its place, and restart the portal."

    /// `seconds`: how long the answer took.
    func judge(_ answer: HTTPResponse, seconds: Double, door: PortalEndpoints) -> Finding {
        let location = answer["Location"] ?? ""
        // A query may carry what is meant for one guest.
        let target = location.prefix { $0 != "?" }
        let evidence = ["\(host)\(path): status \(answer.status)" + (target.isEmpty ? "" : ", to \(target)")]
        let text = String(decoding: answer.body.prefix(1_024), as: UTF8.self)
        if isOnline(answer.status, text) {
            return problem("is answered as on an open network, so the device believes that it is online", evidence)
        }
        guard (300..<400).contains(answer.status) else {
            return problem(
                "is answered with \(answer.status); only a redirect makes every device open the page", evidence)
        }
        guard location.hasPrefix(door.origin + "/") else {
            return problem("is redirected to another place than the portal", evidence)
        }
        // Android takes an answer of up to four bytes for a network that does not work (NetworkMonitor).
        guard answer.body.count > 4 else {
            return problem("is answered with a body that Android calls broken", evidence)
        }
        return seconds < 1 ? well(evidence) : slow(seconds, evidence)
    }

    private func problem(_ words: String, _ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .problem, "The probe of \(device.name) \(words).", subject: device.rawValue, device: device,
            remedy: Self.remedy, evidence: evidence)
    }

    private func well(_ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .ok, "The probe of \(device.name) is redirected to the portal.", subject: device.rawValue,
            device: device, evidence: evidence)
    }

    private func slow(_ seconds: Double, _ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .warning,
            "The probe of \(device.name) is redirected, but only after \(tenths(seconds)) s; devices give up after 3 to 10.",
            subject: device.rawValue, device: device, remedy: "Look for what keeps the portal's machine busy.",
            evidence: evidence)
    }

    private func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }
}
