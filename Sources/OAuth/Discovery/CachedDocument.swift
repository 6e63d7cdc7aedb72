import Captive
import Foundation
import HTTPClient
import Synchronization

/// One address's document: read once for all who ask at the same time, kept as long as its server says within bounds,
/// read anew in the background, and the last good copy used while the server has the hiccups. Thread-safe; nobody waits
/// for a document that is there.
final class CachedDocument<Document: Sendable>: Sendable {
    /// Reads the document; says how many seconds the answer may be kept.
    typealias Fetch = @Sendable () async -> Result<(document: Document, maxAge: TimeInterval?), SignInFailure>

    private let fetch: Fetch
    private let now: WallClock
    private let state = Mutex(State())

    private struct State {
        var document: Document?
        var freshUntil = Date.distantPast
        var usableUntil = Date.distantPast
        /// When the last read ended, and how, if it failed.
        var lastRead = Date.distantPast
        var lastFailure: SignInFailure?
        var reading: Task<Void, Never>?
    }

    /// Seconds for which a document is kept at least and at most before it is read again.
    private static var freshness: ClosedRange<TimeInterval> { 300...86_400 }
    /// Seconds for which the last good copy serves while no new one can be had.
    private static var endurance: TimeInterval { 7 * 86_400 }
    /// Seconds between two reads at least.
    private static var pause: TimeInterval { 5 }

    init(now: @escaping WallClock, fetch: @escaping Fetch) {
        self.now = now
        self.fetch = fetch
    }

    /// The document. Throws what the last read said if there is no copy.
    func document() async throws(SignInFailure) -> Document {
        let (kept, reading) = state.withLock { state in
            let isFresh = now() < state.freshUntil
            return (now() < state.usableUntil ? state.document : nil, isFresh ? nil : read(&state))
        }
        if let kept { return kept }
        await reading?.value
        return try current()
    }

    /// Why it cannot be had, if that was found out less than a minute ago and there is no copy. Waits for nothing.
    var failure: SignInFailure? {
        state.withLock { state in
            let isRecent = now().timeIntervalSince(state.lastRead) < 60
            return isRecent && now() >= state.usableUntil ? state.lastFailure : nil
        }
    }

    /// The document, read anew unless that was done a moment ago: for when something is missing in it.
    func renewed() async throws(SignInFailure) -> Document {
        await state.withLock { read(&$0) }?.value
        return try current()
    }

    private func current() throws(SignInFailure) -> Document {
        let (document, failure) = state.withLock { (now() < $0.usableUntil ? $0.document : nil, $0.lastFailure) }
        guard let document else {
            throw failure ?? SignInFailure(.unreachable, detail: "the provider's document cannot be read")
        }
        return document
    }

    /// The read under way, or a new one; nil right after one.
    private func read(_ state: inout State) -> Task<Void, Never>? {
        if let reading = state.reading { return reading }
        guard now().timeIntervalSince(state.lastRead) >= Self.pause else { return nil }
        let task = Task { take(await fetch()) }
        state.reading = task
        return task
    }

    private func take(_ result: Result<(document: Document, maxAge: TimeInterval?), SignInFailure>) {
        let time = now()
        state.withLock { state in
            state.reading = nil
            state.lastRead = time
            switch result {
            case .failure(let failure): state.lastFailure = failure
            case .success((let document, let maxAge)):
                state.document = document
                state.lastFailure = nil
                let age = min(max(maxAge ?? 3_600, Self.freshness.lowerBound), Self.freshness.upperBound)
                state.freshUntil = time + age
                state.usableUntil = time + age + Self.endurance
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
