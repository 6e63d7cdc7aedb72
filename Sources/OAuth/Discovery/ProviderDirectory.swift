import Captive
import Foundation
import HTTPClient
import Logging
import Synchronization

/// The documents and key sets of every provider in use, each on its own. Thread-safe;
/// the lock is held for look-ups only.
final class ProviderDirectory: Sendable {
    private let providerClient: ProviderClient
    let now: WallClock
    private let logger: Logger
    private let shelves = Mutex(Shelves())

    private struct Shelves {
        var documents: [String: CachedDocument<DiscoveryDocument>] = [:]
        var keys: [String: CachedDocument<[String: SigningKey]>] = [:]
    }

    /// Providers remembered; beyond that all are forgotten and read again.
    private static let capacity = 512

    init(providerClient: ProviderClient, now: @escaping WallClock, logger: Logger) {
        self.providerClient = providerClient
        self.now = now
        self.logger = logger
    }

    /// The discovery document below `base`.
    func document(below base: String) async throws(SignInFailure) -> DiscoveryDocument {
        let kept = shelves.withLock { shelves in
            if let kept = shelves.documents[base] { return kept }
            if shelves.documents.count >= Self.capacity { shelves.documents = [:] }
            let kept = keep(base + "/.well-known/openid-configuration") { DiscoveryDocument($0, base: base) }
            shelves.documents[base] = kept
            return kept
        }
        return try await kept.document()
    }

    /// Why the document below `base` cannot be had, as far as that was just seen.
    func failure(below base: String) -> SignInFailure? { shelves.withLock { $0.documents[base] }?.failure }

    /// The key of that id; an unknown one has the set read again, once in a while at most.
    func key(_ id: String, at url: String) async throws(SignInFailure) -> SigningKey? {
        let kept = keySet(at: url)
        if let key = try await kept.document()[id] { return key }
        return try await kept.renewed()[id]
    }

    func keys(at url: String) async throws(SignInFailure) -> [String: SigningKey] {
        try await keySet(at: url).document()
    }

    private func keySet(at url: String) -> CachedDocument<[String: SigningKey]> {
        shelves.withLock { shelves in
            if let kept = shelves.keys[url] { return kept }
            if shelves.keys.count >= Self.capacity { shelves.keys = [:] }
            let kept = keep(url, SigningKey.keys)
            shelves.keys[url] = kept
            return kept
        }
    }

    private func keep<Document: Sendable>(
        _ url: String, _ parse: @escaping @Sendable ([UInt8]) -> Document?
    ) -> CachedDocument<Document> {
        CachedDocument(now: now) { [providerClient, logger] in
            do throws(SignInFailure) {
                let response = try await providerClient.get(url)
                guard response.status == 200, let document = parse(response.body) else {
                    throw SignInFailure(
                        response.status >= 500 ? .unavailable : .answerMalformed,
                        detail: "\(ProviderClient.place(url)) answered \(response.status) without the document expected")
                }
                return .success((document, response.maxAge))
            } catch {
                logger.warning("identity provider's document cannot be read", metadata: ["why": "\(error.detail)"])
                return .failure(error)
            }
        }
    }
}
