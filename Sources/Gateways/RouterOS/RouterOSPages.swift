internal import Captive

/// Reads the hotspot pages that send guests to the portal.
extension RouterOSGateway {
    /// The pages of all running hotspots. Throws if the router shows none: it omits the text of large files, and the
    /// account may not have access to files.
    func readPages(before deadline: Deadline) async throws(RouterOSFault) -> [GatewayPage] {
        let used = try await runningHotspots(before: deadline).compactMap { $0["profile"] }
        let profiles = try await router.rows(
            "ip/hotspot/profile", fields: ["name", "html-directory", "html-directory-override"], before: deadline)
        var pages: [GatewayPage] = []
        for folder in Set(profiles.filter { used.contains($0["name"] ?? "") }.compactMap(Self.folder)).sorted() {
            for page in HotspotPage.all {
                let rows = try await router.rows(
                    "file", where: ["name": "\(folder)/\(page.file)"], fields: ["name", "contents"], before: deadline)
                pages += rows.compactMap(Self.page)
            }
        }
        guard !pages.isEmpty else { throw .definite(.misconfigured("it does not show their text")) }
        return pages
    }

    private static func folder(_ row: RouterOSRow) -> String? {
        [row["html-directory-override"], row["html-directory"]].compactMap(\.self).first { !$0.isEmpty }
    }

    private static func page(_ row: RouterOSRow) -> GatewayPage? {
        guard let name = row["name"], let text = row["contents"], !text.isEmpty else { return nil }
        return GatewayPage(name: name, addresses: addresses(in: text))
    }

    /// The distinct web addresses in `text`, without their queries.
    static func addresses(in text: String) -> [String] {
        let found = text.matches(of: /https?:\/\/[^\s"'<>?$&;)]+/).map { String($0.output) }
        return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
