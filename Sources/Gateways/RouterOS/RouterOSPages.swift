internal import Captive

/// The hotspot's pages that send guests to their portal.
extension RouterOSGateway {
    /// Those of all hotspots that run. Throws if the router shows none: large files have no text there, and not every
    /// account may see any.
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
        guard !pages.isEmpty else { throw .clear(.misconfigured("it does not show their text")) }
        return pages
    }

    private static func folder(_ row: RouterOSRow) -> String? {
        [row["html-directory-override"], row["html-directory"]].compactMap(\.self).first { !$0.isEmpty }
    }

    private static func page(_ row: RouterOSRow) -> GatewayPage? {
        guard let name = row["name"], let text = row["contents"], !text.isEmpty else { return nil }
        return GatewayPage(name: name, addresses: addresses(in: text))
    }

    /// Web addresses up to their query, each once.
    static func addresses(in text: String) -> [String] {
        let found = text.matches(of: /https?:\/\/[^\s"'<>?$&;)]+/).map { String($0.output) }
        return found.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
