internal import Captive

/// Finds differences between the router and the setup of the router script.
extension RouterOSGateway {
    func readIssues(before deadline: Deadline) async throws(RouterOSFault) -> [SetupIssue] {
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
        return profiles.filter { used.contains($0["name"] ?? "") }.flatMap(Self.issues(ofProfile:))
            + users.flatMap(Self.issues(ofUserProfile:)) + bindings.compactMap(Self.issue(ofBinding:))
    }

    private static let noHotspot = SetupIssue(
        "No hotspot is running on the router: every device is online without signing in.", remedy: script,
        letsEverybodyIn: true)

    private static let script = "Run the script of `portico router script` again."

    /// Login methods that bypass the portal.
    private static let bypassingMethods = ["cookie", "mac-cookie", "mac", "trial"]

    private static func issues(ofProfile row: RouterOSRow) -> [SetupIssue] {
        let name = row["name"] ?? ""
        var issues: [SetupIssue] = []
        let methods = words(row["login-by"]).filter(bypassingMethods.contains)
        if !methods.isEmpty {
            let list = methods.joined(separator: " and ")
            let summary = "The hotspot profile \(name) accepts logins by \(list), which bypass the portal."
            issues.append(
                SetupIssue(summary, remedy: "Set login-by=http-pap in /ip hotspot profile, or run the script again."))
        }
        if row.has("use-radius") {
            issues.append(
                SetupIssue("The hotspot profile \(name) also authenticates by RADIUS.", remedy: script))
        }
        if row["html-directory"]?.hasSuffix("portico") != true {
            let folder = row["html-directory"] ?? "no directory"
            issues.append(
                SetupIssue(
                    "The hotspot profile \(name) serves the pages in \(folder) instead of the portal's redirect pages.",
                    remedy: script))
        }
        if row["dns-name"]?.isEmpty != false {
            issues.append(
                SetupIssue(
                    "The hotspot profile \(name) has no dns-name, so devices are redirected to an IP address.",
                    remedy: script))
        }
        return issues
    }

    /// A bypass for a single device, such as a printer, is normal. A bypass for a whole network is an issue.
    private static func issue(ofBinding row: RouterOSRow) -> SetupIssue? {
        guard !row.has("disabled"), row["mac-address"]?.isEmpty != false, let block = row["address"],
            block.contains("-") || block.contains("/") && !block.hasSuffix("/32")
        else { return nil }
        return SetupIssue(
            "An IP binding lets all of \(block) bypass the portal.",
            remedy: "Remove it from /ip hotspot ip-binding, or list single devices instead.")
    }

    private static func issues(ofUserProfile row: RouterOSRow) -> [SetupIssue] {
        guard row.has("add-mac-cookie") else { return [] }
        return [
            SetupIssue(
                "The user profile \(profile) adds MAC cookies, which let devices log in again after their session.",
                remedy: "Set add-mac-cookie=no in /ip hotspot user profile, or run the script again.")
        ]
    }
}
