import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct LinuxTests {
    private func neighbour(_ attributes: [UInt8], type: UInt16 = 28) -> [UInt8] {
        NetlinkMessage(type: type, payload: Array(repeating: 0, count: 12) + attributes).bytes
    }

    private let mac: [UInt8] = [2, 0, 0, 0, 0, 1]

    @Test func `neighbours of both address families are parsed`() throws {
        let v6: [UInt8] = [0xFD, 0x99] + Array(repeating: 0, count: 13) + [7]
        let answer =
            neighbour(NetlinkMessage.attribute(1, [10, 5, 50, 2]) + NetlinkMessage.attribute(2, mac))
            + neighbour(NetlinkMessage.attribute(1, v6) + NetlinkMessage.attribute(2, mac))
        let device = try #require(MACAddress("02:00:00:00:00:01"))
        let addresses = try ["10.5.50.2", "fd99::7"].map { try #require(IPAddress($0)) }
        #expect(NeighbourTable.neighbours(in: answer) == addresses.map { .init(mac: device, ip: $0) })
    }

    @Test func `incomplete and truncated neighbours are skipped`() {
        let silent = neighbour(NetlinkMessage.attribute(1, [10, 5, 50, 2]))
        let whole = neighbour(NetlinkMessage.attribute(1, [10, 5, 50, 2]) + NetlinkMessage.attribute(2, mac))
        #expect(NeighbourTable.neighbours(in: silent).isEmpty)
        for count in 0..<whole.count { #expect(NeighbourTable.neighbours(in: Array(whole.prefix(count))).isEmpty) }
    }

    @Test func `guest interfaces are those in guest subnets, without uplinks`() throws {
        func attachment(_ name: String, _ address: String) throws -> LocalInterfaces.Attachment {
            let host = try #require(IPAddress(address))
            return .init(name: name, address: host, network: try #require(Subnet(host, prefixLength: 24)))
        }
        let interfaces = LocalInterfaces(
            attachments: [
                try attachment("wan0", "10.1.0.2"), try attachment("wlan0", "10.5.50.1"),
                try attachment("lan0", "192.168.1.1"),
            ], uplinks: ["wan0"])
        #expect(interfaces.names(in: [try #require(Subnet("10.0.0.0/8"))]) == ["wlan0"])
        #expect(interfaces.names(in: [try #require(Subnet("10.5.50.128/25"))]) == ["wlan0"])
        #expect(interfaces.names(in: [try #require(Subnet("172.16.0.0/12"))]).isEmpty)
    }

    @Test func `the default route identifies the uplink`() {
        let routes = """
            Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
            wan0\t00000000\t016433C6\t0003\t0\t0\t0\t00000000\t0\t0\t0
            wlan0\t0032050A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            """
        #expect(LocalInterfaces.uplinks(inRoutes: routes) == ["wan0"])
        #expect(LocalInterfaces.uplinks(inRoutes: "").isEmpty)
    }

    @Test func `a program runs with its input, and is killed at the time limit`() async throws {
        let cat = try #require(ChildProgram(oneOf: ["/nowhere/cat", "/bin/cat"]))
        let input = String(repeating: "guest ", count: 40_000)
        let outcome = await cat.run([], input: input)
        #expect(outcome.code == 0)
        #expect(outcome.output == Array(input.utf8))
        let tail = try #require(ChildProgram(oneOf: ["/usr/bin/tail"]))
        #expect(await tail.run(["-f", "/dev/null"], atMost: .seconds(1)).code == -110)
        #expect(await cat.run(["/nowhere/file"]).error.contains("No such file"))
        #expect(ChildProgram(oneOf: ["/nowhere/nft"]) == nil)
    }

    @Test func `output that is too long is not read`() async throws {
        let head = try #require(ChildProgram(oneOf: ["/usr/bin/head"]))
        let outcome = await head.run(["-c", "\(33 << 20)", "/dev/zero"])
        #expect(outcome.code == ChildProgram.Outcome.tooMuch && outcome.output.isEmpty)
        #expect(NdsControl.fault(outcome).reason == "router_refused")
        #expect(NftFault(outcome).gatewayError.reason == "router_refused")
    }

    // A response with a CNAME and two addresses, with compressed names (RFC 1035 section 4.1.4).
    private let answer: [UInt8] =
        [0, 1, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, 3] + Array("WWW".utf8) + [7] + Array("example".utf8) + [
            0, 0, 1, 0, 1,
        ]
        + [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 97, 0xC0, 16]
        + [0xC0, 29, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1]
        + [0xC0, 29, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 2]

    @Test func `a DNS response has addresses and a TTL`() throws {
        let read = try #require(DNSAnswer(message: answer))
        #expect(read.name == "www.example")
        #expect(read.addresses.map(\.description) == ["192.0.2.1", "192.0.2.2"])
        #expect(read.ttl == 30)
    }

    @Test func `queries, failures and truncated responses are refused`() {
        for count in 0..<answer.count { #expect(DNSAnswer(message: Array(answer.prefix(count))) == nil) }
        var question = answer
        question[2] = 1
        #expect(DNSAnswer(message: question) == nil)
        var failure = answer
        failure[3] = 0x83
        #expect(DNSAnswer(message: failure) == nil)
        var circle = answer
        (circle[12], circle[13]) = (0xC0, 12)
        #expect(DNSAnswer(message: circle) == nil)
    }

    @Test func `a packet with an impossible header is no answer`() {
        #expect(DNSAnswer(packet: []) == nil)
        #expect(DNSAnswer(packet: [0x40] + Array(repeating: 0, count: 8)) == nil, "a header of no words")
        for version in [UInt8(0x40), 0x60, 0x00] {
            for words in UInt8(0)...15 {
                for count in 0...60 {
                    _ = DNSAnswer(packet: [version | words] + Array(repeating: 17, count: count))
                }
            }
        }
    }

    @Test func `no sequence of bytes crashes the packet parsers`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = answer
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            _ = DNSAnswer(message: bytes)
            _ = DNSAnswer(packet: bytes)
            _ = NetlinkMessage.all(in: bytes)
            _ = NetlinkMessage.attributes(in: bytes[...])
            _ = NeighbourTable.neighbours(in: bytes)
        }
    }
}
