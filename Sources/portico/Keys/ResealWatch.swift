import Captive
import Foundation
import Logging
import Storage

/// Re-seals stored secrets with the first key after a start with a new key, so that older keys can be removed.
struct ResealWatch: Sendable {
    let store: Store
    let logger: Logger
    private static let retry: Duration = .seconds(10)

    /// Runs until every secret that opens is sealed with the first key, or the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { return try await resealAll() } catch {
                logger.error("cannot re-seal stored secrets; will retry", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: Self.retry)) != nil else { return }
        }
    }

    private func resealAll() async throws {
        let before = try await store.secretKeyUsage(now: Date())
        guard !before.outdated.isEmpty else { return }
        for (key, entries) in Dictionary(grouping: before.outdated, by: \.key) {
            logger.notice("stored secrets need an older key; re-sealing them", metadata: Self.metadata(key, entries))
        }
        let count = try await store.resealSecrets()
        logger.notice(
            "stored secrets re-sealed", metadata: ["count": "\(count)", "key": "\(before.configured[0])"])
        for (key, entries) in Dictionary(grouping: try await store.secretKeyUsage(now: Date()).outdated, by: \.key) {
            logger.error(
                "stored secrets are damaged: their key does not open them", metadata: Self.metadata(key, entries))
        }
    }

    private static func metadata(_ key: Sealer.KeyID?, _ entries: [SecretKeyUsage.Entry]) -> Logger.Metadata {
        [
            "key": "\(key?.description ?? "none")", "count": "\(entries.total)",
            "tables": "\(KeyReport.tables(entries))",
        ]
    }
}
