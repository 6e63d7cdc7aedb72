internal import Captive

/// What differs from the hotspot that the portal's script sets up.
extension RouterOSGateway {
    func readFlaws(before deadline: Deadline) async throws(RouterOSFault) -> [GatewayFlaw] {
        let running = try await runningHotspots(before: deadline)
        guard !running.isEmpty else { return [Self.noHotspot] }
        let profiles = try await router.rows(
            "ip/hotspot/profile", fields: ["name", "login-by", "use-radius", "html-directory", "dns-name"],
            before: deadline)
        let users = try await router.rows(
            "ip/hotspot/user/profile", where: ["name": Self.profile], fields: ["name", "add-mac-cookie"],
            before: deadline)
        let bindings = try await router.rows(
            "ip/hotspot/ip-binding", where: ["type": "bypassed"], fields: ["address", "mac-address", "disabled"],
            before: deadline)
        let used = running.compactMap { $0["profile"] }
        return profiles.filter { used.contains($0["name"] ?? "") }.flatMap(Self.flaws(ofProfile:))
            + users.flatMap(Self.flaws(ofUserProfile:)) + bindings.compactMap(Self.flaw(ofBinding:))
    }

    private static let noHotspot = GatewayFlaw(
        "No hotspot runs on the router: every device is online without the page.", remedy: script,
        letsEverybodyIn: true)

    private static let script = "Run the script of `portico router script` again."

    /// Ways of logging in that let a device through without the portal.
    private static let ownWays = ["cookie", "mac-cookie", "mac", "trial"]

    private static func flaws(ofProfile row: RouterOSRow) -> [GatewayFlaw] {
        let name = row["name"] ?? ""
        let ways = words(row["login-by"])
        var flaws: [GatewayFlaw] = []
        let own = ways.filter(ownWays.contains)
        if !own.isEmpty {
            let summary =
                "The hotspot profile \(name) lets devices in by \(own.joined(separator: " and ")), without the portal."
            flaws.append(
                GatewayFlaw(summary, remedy: "Set login-by=http-pap in /ip hotspot profile, or run the script again."))
        }
        if row.has("use-radius") {
            flaws.append(
                GatewayFlaw("The hotspot profile \(name) asks a RADIUS server besides the portal.", remedy: script))
        }
        if row["html-directory"]?.hasSuffix("portico") != true {
            let folder = row["html-directory"] ?? "nowhere"
            flaws.append(
                GatewayFlaw(
                    "The hotspot profile \(name) shows the pages in \(folder), not those that lead to the portal.",
                    remedy: script))
        }
        if row["dns-name"]?.isEmpty != false {
            flaws.append(
                GatewayFlaw(
                    "The hotspot profile \(name) has no dns-name, so devices are redirected by way of an address.",
                    remedy: script))
        }
        return flaws
    }

    /// One device, such as a printer, may be let past the hotspot; a whole network is hardly meant to be.
    private static func flaw(ofBinding row: RouterOSRow) -> GatewayFlaw? {
        guard !row.has("disabled"), row["mac-address"]?.isEmpty != false, let block = row["address"],
            block.contains("-") || block.contains("/") && !block.hasSuffix("/32")
        else { return nil }
        return GatewayFlaw(
            "An IP binding lets all of \(block) past the portal.",
            remedy: "Take it out of /ip hotspot ip-binding, or name single devices there.")
    }

    private static func flaws(ofUserProfile row: RouterOSRow) -> [GatewayFlaw] {
        guard row.has("add-mac-cookie") else { return [] }
        return [
            GatewayFlaw(
                "The user profile \(profile) leaves cookies for devices, which let them in again after their time.",
                remedy: "Set add-mac-cookie=no in /ip hotspot user profile, or run the script again.")
        ]
    }
}
