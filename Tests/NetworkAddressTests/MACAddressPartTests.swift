import NetworkAddress
import Testing

@Suite struct MACAddressPartTests {
    @Test(arguments: [
        "aa:bb", "AABB", "aabb", "bb:cc:dd", "ee-01", "EE01", "CCDD.EE01", "d:ee:0", "dee0", "aa:bb:cc:dd:ee:0",
        "aa-bb-c",
        "aabb.cc", "bb.ccdd", "abbc",
    ])
    func `a part matches its address`(text: String) throws {
        let part = try #require(MACAddressPart(text))
        #expect(part.isPart(of: try #require(MACAddress("AA:BB:CC:DD:EE:01"))))
        #expect(!part.isPart(of: try #require(MACAddress("12:34:56:78:9A:BC"))))
    }

    @Test func `a part with separators matches only at the separators of an address`() throws {
        let address = try #require(MACAddress("0A:AB:B0:12:34:56"))
        #expect(try #require(MACAddressPart("aabb")).isPart(of: address))
        #expect(try !#require(MACAddressPart("aa:bb")).isPart(of: address))
        #expect(try #require(MACAddressPart("a:ab:b")).isPart(of: address))
        #expect(try #require(MACAddressPart("aab.b012")).isPart(of: address))
        #expect(try !#require(MACAddressPart("aabb.0123")).isPart(of: address))
    }

    @Test(arguments: [
        "", "abc", "a:b", "aa:b", "ann", "ann@ex", "AA:BB:CC:DD:EE:01", "aabbccddee01", "aabbccddee012", "aa:bb-cc",
        "aaa:bb",
        "aa:bbb", "aa::bb", "aabbc.cc", "ａａｂｂ", "aa bb", "0x12", "::::", "....",
    ])
    func `any other text is refused`(text: String) { #expect(MACAddressPart(text) == nil) }

    @Test func `every part of an address matches the address`() throws {
        let address = try #require(MACAddress("F1:E2:D3:C4:B5:A6"))
        for separator in [":", "-", ""] {
            let text = address.description.replacing(":", with: separator)
            for start in text.indices {
                for end in text.indices where start < end {
                    let piece = text[start..<end]
                    guard (4...11).contains(piece.filter(\.isHexDigit).count) else { continue }
                    guard piece.first?.isHexDigit == true, piece.last?.isHexDigit == true else { continue }
                    #expect(MACAddressPart(String(piece))?.isPart(of: address) == true, "\(piece)")
                }
            }
        }
    }
}
