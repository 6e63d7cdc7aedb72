import Captive
import Foundation
import HTTPClient
import Synchronization

/// A document at one address, cached. Concurrent callers share one fetch. The server's `max-age` decides the time until
/// the next fetch, within bounds, and a stale document is used while it is fetched in the background or the server
/// fails. Thread-safe. Callers wait only if there is no usable document.
final class CachedDocument<Document: Sendable>: Sendable {
    /// Fetches the document. `maxAge`: the seconds for which it may be cached.
    typealias Fetch = @Sendable () async -> Result<(document: Document, maxAge: TimeInterval?), SignInFailure>

    private let fetch: Fetch
    private let now: WallClock
    private let state = Mutex(State())

    private struct State {
        var document: Document?
        var freshUntil = Date.distantPast
        var usableUntil = Date.distantPast
        /// The end of the last fetch, and its failure.
        var lastFetch = Date.distantPast
        var lastFailure: SignInFailure?
        var fetching: Task<Void, Never>?
    }

    /// Bounds of the seconds until a document is fetched again.
    private static var freshness: ClosedRange<TimeInterval> { 300...86_400 }
    /// Seconds for which a stale document is used while fetches fail.
    private static var maxStale: TimeInterval { 7 * 86_400 }
    /// Seconds between two fetches at least.
    private static var pause: TimeInterval { 5 }

    init(now: @escaping WallClock, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    /// Returns the document. Throws the failure of the last fetch if there is no usable document.
    func document() async throws(SignInFailure) -> Document {
        let (cached, fetching) = state.withLock { state in
            let isFresh = now() < state.freshUntil
            return (now() < state.usableUntil ? state.document : nil, isFresh ? nil : startFetch(&state))
        }
        if let cached { return cached }
        await fetching?.value
        return try current()
    }

    /// The failure of the last fetch, if it ended less than a minute ago and there is no usable document. Does not
    /// wait.
    var failure: SignInFailure? {
        state.withLock { state in
            let isRecent = now().timeIntervalSince(state.lastFetch) < 60
            return isRecent && now() >= state.usableUntil ? state.lastFailure : nil
        }
    }

    /// Returns the document after another fetch, unless the last one ended less than `pause` ago.
    func refreshed() async throws(SignInFailure) -> Document {
        await state.withLock { startFetch(&$0) }?.value
        return try current()
    }

    private func current() throws(SignInFailure) -> Document {
        let (document, failure) = state.withLock { (now() < $0.usableUntil ? $0.document : nil, $0.lastFailure) }
        guard let document else {
            throw failure ?? SignInFailure(.unreachable, detail: "cannot read the provider's document")
        }
        return document
    }

    /// Returns the running fetch or a new one; nil if the last one ended less than `pause` ago.
    private func startFetch(_ state: inout State) -> Task<Void, Never>? {
        if let fetching = state.fetching { return fetching }
        guard now().timeIntervalSince(state.lastFetch) >= Self.pause else { return nil }
        let task = Task { store(await fetch()) }
        state.fetching = task
        return task
    }

    private func store(_ result: Result<(document: Document, maxAge: TimeInterval?), SignInFailure>) {
        let time = now()
        state.withLock { state in
            state.fetching = nil
            state.lastFetch = time
            switch result {
            case .failure(let failure): state.lastFailure = failure
            case .success((let document, let maxAge)):
                state.document = document
                state.lastFailure = nil
                let age = min(max(maxAge ?? 3_600, Self.freshness.lowerBound), Self.freshness.upperBound)
                state.freshUntil = time + age
                state.usableUntil = time + age + Self.maxStale
            }
        }
    }
}

extension HTTPResponse {
    /// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1), in seconds.
    var maxAge: TimeInterval? {
        guard let value = self["Cache-Control"]?.lowercased(), let start = value.range(of: "max-age=") else {
            return nil
        }
        return Double(value[start.upperBound...].prefix(while: \.isNumber))
    }
}
