import Captive
import Foundation
import HTTPServer
import OAuth
import Synchronization
import Testing

/// Providers that are slow, away, or change their keys.
@Suite struct SlowProviderTests {
    @Test func `a provider that does not answer is given up, and holds up nobody at another`() async throws {
        let (slow, quick) = (try Attack(timeout: .seconds(1)), try Attack())
        slow.provider.set { $0.holds = "/token" }
        async let stuck = slow.failure(.google)
        // The quick one is done while the slow one is held: it is released only after.
        #expect(await quick.failure(.google) == nil)
        #expect(await stuck?.kind == .timedOut)
        slow.provider.release()
        await slow.stop()
        await quick.stop()
    }

    @Test func `many guests at once read a document once`() async throws {
        let attack = try Attack()
        await withTaskGroup { group in
            for _ in 0..<50 { group.addTask { _ = try? await attack.begin(attack.integration(.google)) } }
        }
        #expect(attack.provider.count(of: "/openid-configuration") == 1)
        await attack.stop()
    }

    @Test func `the last good documents serve while the provider has hiccups`() async throws {
        let clock = Mutex(Date())
        let attack = try Attack(now: { clock.withLock { $0 } })
        _ = try await attack.run(.google)
        attack.provider.set {
            $0.answers["/openid-configuration"] = .text(.serviceUnavailable, "later")
            $0.answers["/keys"] = .text(.serviceUnavailable, "later")
            $0.claims["exp"] = Int(Date().timeIntervalSince1970) + 200_000
        }
        clock.withLock { $0 += 90_000 }
        #expect(await attack.failure(.google) == nil)
        await attack.stop()
    }

    @Test func `an unknown key has the set read again, and not more often than every few seconds`() async throws {
        let clock = Mutex(Date())
        let attack = try Attack(now: { clock.withLock { $0 } })
        _ = try await attack.run(.google)
        attack.provider.keyID.withLock { $0 = "key-2" }
        #expect(await attack.failure(.google)?.kind == .keyUnknown)
        #expect(attack.provider.count(of: "/keys") == 1)
        clock.withLock { $0 += 10 }
        #expect(await attack.failure(.google) == nil)
        #expect(attack.provider.count(of: "/keys") == 2)
        await attack.stop()
    }

    @Test func `a provider that was away is asked again soon`() async throws {
        let clock = Mutex(Date())
        let attack = try Attack(now: { clock.withLock { $0 } })
        attack.provider.set { $0.answers["/openid-configuration"] = .text(.serviceUnavailable, "later") }
        #expect(await attack.failure(.google)?.kind == .unavailable)
        attack.provider.set { $0.answers = [:] }
        #expect(await attack.failure(.google)?.kind == .unavailable)
        clock.withLock { $0 += 10 }
        #expect(await attack.failure(.google) == nil)
        await attack.stop()
    }
}
