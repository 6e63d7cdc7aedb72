internal import Captive
internal import HTTPClient
internal import NetworkAddress

/// Checks the response to a probe as the device would interpret it.
extension DeviceProbe {
    private static let remedy =
        "Make sure no other service answers on the portal's plain listener, and restart the portal."

    /// `seconds`: the response time.
    func evaluate(_ answer: HTTPResponse, seconds: Double, endpoints: PortalEndpoints) -> Finding {
        let location = answer["Location"] ?? ""
        // The query may hold values of one guest.
        let target = location.prefix { $0 != "?" }
        let evidence = ["\(host)\(path): status \(answer.status)" + (target.isEmpty ? "" : ", to \(target)")]
        let text = String(streamSafe: answer.body.prefix(1_024))
        if isOnline(answer.status, text) {
            return problem("gets the response of an open network, so the device believes that it is online", evidence)
        }
        guard (300..<400).contains(answer.status) else {
            return problem(
                "gets status \(answer.status); only a redirect makes every device open the page", evidence)
        }
        guard location.hasPrefix(endpoints.origin + "/") else {
            return problem("is redirected to an address that is not the portal's", evidence)
        }
        // Android treats a body of at most four bytes as a broken network (NetworkMonitor).
        guard answer.body.count > 4 else {
            return problem("gets a body that Android treats as a broken network", evidence)
        }
        return seconds < 1 ? ok(evidence) : slow(seconds, evidence)
    }

    private func problem(_ text: String, _ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .problem, "The probe of \(device.name) \(text).", subject: device.rawValue, device: device,
            remedy: Self.remedy, evidence: evidence)
    }

    private func ok(_ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .ok, "The probe of \(device.name) is redirected to the portal.", subject: device.rawValue,
            device: device, evidence: evidence)
    }

    private func slow(_ seconds: Double, _ evidence: [String]) -> Finding {
        Finding(
            .portalProbe, .warning,
            "The probe of \(device.name) is redirected after \(tenths(seconds)) s; devices time out after 3 to 10 s.",
            subject: device.rawValue, device: device, remedy: "Check the load of the portal's machine.",
            evidence: evidence)
    }

    private func tenths(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10)" }
}
