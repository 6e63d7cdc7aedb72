import Captive
import Crypto
import Foundation
import NetworkAddress
import Testing

@Suite struct SealerTests {
    let old = [UInt8](repeating: 1, count: 32)
    let new = [UInt8](repeating: 2, count: 32)

    @Test func `a sealed form opens for its purpose only`() throws {
        let sealer = try #require(Sealer(keys: [old]))
        let sealed = sealer.seal([1, 2, 3], for: "a")
        #expect(sealer.open(sealed, for: "a") == [1, 2, 3])
        #expect(sealer.open(sealed, for: "b") == nil)
    }

    @Test func `every changed bit is detected`() throws {
        let sealer = try #require(Sealer(keys: [old]))
        let sealed = sealer.seal([1, 2, 3], for: "a")
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(sealer.open(changed, for: "a") == nil, "byte \(index)")
        }
        for length in 0..<sealed.count { #expect(sealer.open(Array(sealed[..<length]), for: "a") == nil) }
    }

    @Test func `a rotated key still opens, a removed one does not`() throws {
        let before = try #require(Sealer(keys: [old]))
        let during = try #require(Sealer(keys: [new, old]))
        let after = try #require(Sealer(keys: [new]))
        let sealed = before.seal([7], for: "a")
        #expect(during.open(sealed, for: "a") == [7])
        #expect(after.open(sealed, for: "a") == nil)
        #expect(after.open(during.seal([8], for: "a"), for: "a") == [8])
    }

    @Test func `a key of another size is refused`() {
        #expect(Sealer(keys: [[1, 2, 3]]) == nil)
        #expect(Sealer(keys: []) == nil)
    }

    @Test func `derived keys differ by purpose and follow the first key`() throws {
        let sealer = try #require(Sealer(keys: [new, old]))
        #expect(sealer.derivedKey(for: "a") != sealer.derivedKey(for: "b"))
        #expect(sealer.derivedKeys(for: "a").first == sealer.derivedKey(for: "a"))
        #expect(sealer.derivedKeys(for: "a").last == Sealer(keys: [old])?.derivedKey(for: "a"))
    }
}

@Suite struct SealedTokenTests {
    let now = Date(timeIntervalSince1970: 1_800_000_000)

    func token() throws -> SealedToken {
        SealedToken(sealer: try #require(Sealer(keys: [[UInt8](repeating: 3, count: 32)])), purpose: "guest")
    }

    @Test func `a token is valid until its expiry`() throws {
        let token = try token()
        let text = token.make([1, 2], expires: now + 10)
        #expect(try token.open(text, now: now + 9) == [1, 2])
        #expect(throws: SealedToken.Failure.expired) { try token.open(text, now: now + 10) }
    }

    @Test(arguments: ["", "a", "!!!!", "AAAA", String(repeating: "A", count: 100_000), "ä"])
    func `an invalid token is malformed`(text: String) throws {
        let token = try token()
        #expect(throws: SealedToken.Failure.malformed) { try token.open(text, now: now) }
    }

    @Test func `base64url accepts only the canonical form`() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
            let text = Base64URL.encode(bytes)
            #expect(Base64URL.decode(text) == bytes)
            #expect(!text.contains("="))
        }
        #expect(Base64URL.decode("AB") == nil, "bits beyond the last byte")
        #expect(Base64URL.decode("AAAAA") == nil, "impossible length")
    }
}

@Suite struct PermanentSignatureTests {
    private let path = "/captive/assets/x/logo.png"

    @Test func `a permanently signed URL is valid after a key rotation`() throws {
        let (old, new) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let signed = SignedURL(sealer: try #require(Sealer(keys: [old]))).signPermanently(path)
        #expect(signed.hasPrefix(path + "?signature="))
        let signature = String(signed.dropFirst(path.count + "?signature=".count))
        let rotated = SignedURL(sealer: try #require(Sealer(keys: [new, old])))
        #expect(rotated.isPermanentlySigned(path, signature: signature))
        #expect(!rotated.isPermanentlySigned("/captive/assets/y/logo.png", signature: signature))
        #expect(!rotated.isPermanentlySigned(path, signature: nil))
        #expect(!rotated.isPermanentlySigned(path, signature: String(signature.dropLast())))
        #expect(!SignedURL(sealer: try #require(Sealer(keys: [new]))).isPermanentlySigned(path, signature: signature))
    }

    @Test func `a signature that expires is not a permanent one`() throws {
        let signed = SignedURL(sealer: try #require(Sealer(keys: [[UInt8](repeating: 1, count: 32)])))
        let address = signed.sign(path, expires: Date(timeIntervalSince1970: 1))
        let signature = try #require(address.split(separator: "=").last)
        #expect(!signed.isPermanentlySigned(path, signature: String(signature)))
        #expect(!signed.isPermanentlySigned(path + "?expires=1", signature: nil))
    }
}

@Suite struct TicketTests {
    func ticket(destination: String?) throws -> GuestTicket {
        GuestTicket(
            siteID: UUID(), instanceID: UUID(),
            client: GatewayClient(
                mac: try #require(MACAddress("AA:BB:CC:DD:EE:01")), ip: try #require(IPAddress("10.5.50.2"))),
            destination: destination,
            authURLs: ClientAuthURLs(
                authenticate: "http://10.5.50.1:2050/in?tok=", deauthenticate: "http://10.5.50.1:2050/out"))
    }

    @Test(arguments: [nil, "", "http://example.com/ä?x=1"])
    func `a ticket is decoded as it was encoded`(destination: String?) throws {
        let ticket = try ticket(destination: destination)
        #expect(GuestTicket(message: ticket.message) == ticket)
        let status = StatusTicket(sessionID: UUID(), mayEnd: true, guest: ticket)
        #expect(StatusTicket(message: status.message) == status)
    }

    @Test func `a truncated ticket is refused`() throws {
        let message = try ticket(destination: "http://example.com").message
        for length in 0..<message.count { #expect(GuestTicket(message: Array(message[..<length])) == nil) }
    }

    @Test func `a destination too long to seal is left out`() throws {
        let ticket = try ticket(destination: String(repeating: "x", count: 70_000))
        #expect(GuestTicket(message: ticket.message)?.destination == nil)
    }
}

@Suite struct SecretTests {
    @Test func `a secret does not appear in any description`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
            #expect(!text.contains("hunter2"))
        }
    }

    @Test func `an unreadable secret has no text and keeps its sealed form`() {
        let secret = Secret(unreadable: [1, 2, 3])
        #expect(secret.revealed == nil && secret.sealedForm == [1, 2, 3] && "\(secret)" == "•••")
        #expect(Secret("hunter2").sealedForm == nil)
    }

    @Test func `a key id identifies the key of a sealed form without revealing the key`() throws {
        let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
        let sealer = try #require(Sealer(keys: [two, one]))
        let sealed = sealer.seal([7], for: "x")
        #expect(Sealer.KeyID(prefix: Array(sealed.prefix(5))) == sealer.keyIDs[0])
        #expect(sealed.starts(with: sealer.keyIDs[0].prefix) && sealer.keyIDs[0] != sealer.keyIDs[1])
        #expect(try #require(Sealer(keys: [one])).keyIDs == [sealer.keyIDs[1]])
        #expect(sealer.keyIDs[0].description.count == 8)
        #expect(Sealer.KeyID(prefix: [2, 0, 0, 0, 0]) == nil && Sealer.KeyID(prefix: [1, 2]) == nil)
    }
}
