@testable import HTTPServer

/// A response as received by a client.
struct HTTPReply {
    let status: Int
    let headers: Headers
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The response at the start of `bytes` and its length; nil if it is incomplete.
    static func first(in bytes: ArraySlice<UInt8>, isHead: Bool = false) -> (HTTPReply, length: Int)? {
        let text = Array(bytes)
        guard let end = text.indices.first(where: { text[$0...].starts(with: "\r\n\r\n".utf8) }) else { return nil }
        let lines = String(decoding: text[..<end], as: UTF8.self).replacing("\r\n", with: "\n").split(separator: "\n")
        guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else { return nil }
        let fields = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (String(parts[0]), parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let headers = Headers(fields.map { (name: $0.0, value: $0.1) })
        let hasBody = !isHead && status >= 200 && status != 204 && status != 304
        let length = hasBody ? Int(headers["Content-Length"] ?? "0") ?? 0 : 0
        guard text.count >= end + 4 + length else { return nil }
        let reply = HTTPReply(status: status, headers: headers, body: Array(text[(end + 4)..<(end + 4 + length)]))
        return (reply, end + 4 + length)
    }

    /// All responses in `bytes`; `isHead` tells which of them are to HEAD requests.
    static func all(in bytes: [UInt8], isHead: [Bool] = []) -> [HTTPReply] {
        var (replies, rest): ([HTTPReply], ArraySlice<UInt8>) = ([], bytes[...])
        while !rest.isEmpty {
            let index = replies.count
            guard let (reply, length) = first(in: rest, isHead: index < isHead.count && isHead[index]) else { break }
            replies.append(reply)
            rest = rest.dropFirst(length)
        }
        return replies
    }
}
