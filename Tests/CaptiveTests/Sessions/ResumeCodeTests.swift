import Captive
import Foundation
import NetworkAddress
import Testing

@Suite struct ResumeCodeTests {
    private func codes(_ keys: [UInt8]) throws -> ResumeCodes {
        ResumeCodes(sealer: try #require(Sealer(keys: keys.map { [UInt8](repeating: $0, count: 32) })))
    }

    private func session(_ codes: ResumeCodes, moves: Int = 0) throws -> GuestSession {
        let mac = try #require(MACAddress(rawValue: 0xAB))
        var session = GuestSession(
            id: UUID(), siteID: UUID(), instanceID: UUID(), workspace: .default,
            client: GatewayClient(mac: mac, ip: .v4(1)), strategy: .coupon, ttl: 60,
            createdAt: Date(timeIntervalSince1970: 0), expiresAt: Date(timeIntervalSince1970: 60))
        session.moves = moves
        session.resumeLookup = codes.lookup(of: session.id, moves: moves)
        return session
    }

    @Test(arguments: ["k7qm-4xpd", " K7QM 4XPD", "K7QM4XPD"])
    func `a code is parsed in every form that a guest may type`(text: String) throws {
        let code = try #require(ResumeCode(typed: text))
        #expect(code.rawValue == "K7QM4XPD" && code.shown == "K7QM-4XPD")
        #expect("\(code)" == "••••••••")
    }

    @Test(arguments: ["", "K7QM4X", "K7QM4XPD2", "K7QM4XP0", "K7QM_4XP"])
    func `a text that is not a code is refused`(text: String) { #expect(ResumeCode(typed: text) == nil) }

    @Test func `every code can be typed, is found by its stored value, and changes with each move`() throws {
        let codes = try codes([1])
        for moves in 0..<50 {
            let session = try session(codes, moves: moves)
            let code = try #require(codes.code(of: session))
            #expect(ResumeCode(typed: code.shown) == code)
            #expect(codes.lookups(of: code) == [session.resumeLookup])
            #expect(codes.lookup(of: session.id, moves: moves + 1) != session.resumeLookup)
        }
    }

    @Test func `a code is valid after a key rotation, until its key is removed`() throws {
        let old = try codes([1])
        let session = try session(old)
        let code = try #require(old.code(of: session))
        let rotated = try codes([2, 1])
        #expect(rotated.code(of: session) == code)
        #expect(rotated.lookups(of: code).contains(try #require(session.resumeLookup)))
        #expect(try codes([2]).code(of: session) == nil)
    }
}
