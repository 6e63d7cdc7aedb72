import Captive
import Foundation
import HTTPClient
import Logging
import Synchronization

/// The discovery documents and key sets of the providers in use. Thread-safe. The lock is held for look-ups only.
final class ProviderDirectory: Sendable {
    private let providerClient: ProviderClient
    let now: WallClock
    private let logger: Logger
    private let cache = Mutex(Cache())

    private struct Cache {
        var documents: [String: CachedDocument<DiscoveryDocument>] = [:]
        var keys: [String: CachedDocument<[String: SigningKey]>] = [:]
    }

    /// The maximum number of documents, and of key sets; the cache is cleared when it is full.
    private static let capacity = 512

    init(providerClient: ProviderClient, now: @escaping WallClock, logger: Logger) {
        self.providerClient = providerClient
        self.now = now
        self.logger = logger
    }

    /// Returns the discovery document of the issuer `base`.
    func document(below base: String) async throws(SignInFailure) -> DiscoveryDocument {
        let document = cache.withLock { cache in
            if let document = cache.documents[base] { return document }
            if cache.documents.count >= Self.capacity { cache.documents = [:] }
            let document = cached(base + "/.well-known/openid-configuration") { DiscoveryDocument($0, base: base) }
            cache.documents[base] = document
            return document
        }
        return try await document.document()
    }

    /// The recent failure to read the discovery document of `base`; nil if there is none. Does not wait.
    func failure(below base: String) -> SignInFailure? { cache.withLock { $0.documents[base] }?.failure }

    /// Returns the key with the id; nil if the set does not contain it. An unknown id refreshes the set, at most every
    /// few seconds.
    func key(_ id: String, at url: String) async throws(SignInFailure) -> SigningKey? {
        let keySet = keySet(at: url)
        if let key = try await keySet.document()[id] { return key }
        return try await keySet.refreshed()[id]
    }

    func keys(at url: String) async throws(SignInFailure) -> [String: SigningKey] {
        try await keySet(at: url).document()
    }

    private func keySet(at url: String) -> CachedDocument<[String: SigningKey]> {
        cache.withLock { cache in
            if let keySet = cache.keys[url] { return keySet }
            if cache.keys.count >= Self.capacity { cache.keys = [:] }
            let keySet = cached(url, SigningKey.keys)
            cache.keys[url] = keySet
            return keySet
        }
    }

    private func cached<Document: Sendable>(
        _ url: String, _ parse: @escaping @Sendable ([UInt8]) -> Document?
    ) -> CachedDocument<Document> {
        CachedDocument(now: now) { [providerClient, logger] in
            do throws(SignInFailure) {
                let response = try await providerClient.get(url)
                guard response.status == 200, let document = parse(response.body) else {
                    throw SignInFailure(
                        response.status >= 500 ? .unavailable : .answerMalformed,
                        detail:
                            "\(ProviderClient.hostAndPath(url)) returned status \(response.status) and no valid document"
                    )
                }
                return .success((document, response.maxAge))
            } catch {
                logger.warning("cannot read identity provider's document", metadata: ["why": "\(error.detail)"])
                return .failure(error)
            }
        }
    }
}
