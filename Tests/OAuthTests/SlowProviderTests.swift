import Captive
import Foundation
import HTTPServer
import OAuth
import Synchronization
import Testing

/// Providers that are slow, unavailable, or change their keys.
@Suite struct SlowProviderTests {
    @Test func `a provider that does not respond times out, without delaying others`() async throws {
        let (slow, quick) = (try SignInFixture(timeout: .seconds(1)), try SignInFixture())
        slow.provider.set { $0.holds = "/token" }
        async let stuck = slow.failure(.google)
        // The quick provider finishes while the slow one is held; the slow one is released afterwards.
        #expect(await quick.failure(.google) == nil)
        #expect(await stuck?.kind == .timedOut)
        slow.provider.release()
        await slow.stop()
        await quick.stop()
    }

    @Test func `concurrent sign-ins fetch a document once`() async throws {
        let fixture = try SignInFixture()
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { _ = try? await fixture.begin(fixture.integration(.google)) } }
        }
        #expect(fixture.provider.count(of: "/openid-configuration") == 1)
        await fixture.stop()
    }

    @Test func `stale documents are used while the provider fails`() async throws {
        let clock = Mutex(Date())
        let fixture = try SignInFixture(now: { clock.withLock { $0 } })
        _ = try await fixture.run(.google)
        fixture.provider.set {
            $0.answers["/openid-configuration"] = .text(.serviceUnavailable, "later")
            $0.answers["/keys"] = .text(.serviceUnavailable, "later")
            $0.claims["exp"] = Int(Date().timeIntervalSince1970) + 200_000
        }
        clock.withLock { $0 += 90_000 }
        #expect(await fixture.failure(.google) == nil)
        await fixture.stop()
    }

    @Test func `an unknown key refreshes the set, at most every few seconds`() async throws {
        let clock = Mutex(Date())
        let fixture = try SignInFixture(now: { clock.withLock { $0 } })
        _ = try await fixture.run(.google)
        fixture.provider.keyID.withLock { $0 = "key-2" }
        #expect(await fixture.failure(.google)?.kind == .keyUnknown)
        #expect(fixture.provider.count(of: "/keys") == 1)
        clock.withLock { $0 += 10 }
        #expect(await fixture.failure(.google) == nil)
        #expect(fixture.provider.count(of: "/keys") == 2)
        await fixture.stop()
    }

    @Test func `an unavailable provider is tried again soon`() async throws {
        let clock = Mutex(Date())
        let fixture = try SignInFixture(now: { clock.withLock { $0 } })
        fixture.provider.set { $0.answers["/openid-configuration"] = .text(.serviceUnavailable, "later") }
        #expect(await fixture.failure(.google)?.kind == .unavailable)
        fixture.provider.set { $0.answers = [:] }
        #expect(await fixture.failure(.google)?.kind == .unavailable)
        clock.withLock { $0 += 10 }
        #expect(await fixture.failure(.google) == nil)
        await fixture.stop()
    }
}
