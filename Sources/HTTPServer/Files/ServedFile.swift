internal import COpenSSL

/// The responses for a file: 200 plain, 200 compressed if that is smaller, and 304.
package struct ServedFile: Sendable {
    private struct Variant: Sendable {
        let tag: String
        let response: PreparedResponse
        let notModified: PreparedResponse

        init(_ body: [UInt8], tag: String, fields: Headers) {
            var fields = fields
            fields.add("ETag", tag)
            var validators = fields
            for name in ["Content-Type", "Content-Encoding"] { validators[name] = nil }
            self.tag = tag
            response = PreparedResponse(Response(.ok, headers: fields, body: .bytes(body)))
            notModified = PreparedResponse(Response(.notModified, headers: validators))
        }
    }

    private let plain: Variant
    private let compressed: Variant?

    /// Derives the content type from the extension of `name`.
    package init(name: String, content: [UInt8]) {
        let type = ContentType.of(name)
        let hash = ServedFile.hash(content)
        var fields: Headers = [
            "Content-Type": type, "Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff",
            "Vary": "Accept-Encoding",
        ]
        plain = Variant(content, tag: "\"\(hash)\"", fields: fields)
        let packed = ContentType.isCompressible(type) ? Gzip.compress(content) : []
        fields.add("Content-Encoding", "gzip")
        // A strong tag names one sequence of bytes, so each coding has its own (RFC 9110 section 8.8.3.3).
        compressed =
            packed.isEmpty || packed.count >= content.count
            ? nil : Variant(packed, tag: "\"\(hash)-gzip\"", fields: fields)
    }

    /// Returns 304 if the client has the current content, otherwise 200.
    package func response(to request: Request) -> Response {
        let isPacked =
            compressed != nil && Gzip.isAccepted(request.headers.values("Accept-Encoding").joined(separator: ","))
        let variant = isPacked ? compressed ?? plain : plain
        let known = request.headers.values("If-None-Match")
        return .prepared(ServedFile.matches(known, variant.tag) ? variant.notModified : variant.response)
    }

    /// Whether `If-None-Match` matches `tag`: weak comparison, or `*` (RFC 9110 section 13.1.2).
    private static func matches(_ known: [String], _ tag: String) -> Bool {
        known.flatMap { $0.split(separator: ",") }.map(\.trimmingBlanks).contains {
            $0 == "*" || $0 == tag || $0 == "W/" + tag
        }
    }

    /// 128 bits of SHA-256 in hexadecimal.
    private static func hash(_ content: [UInt8]) -> String {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(content, content.count, &digest)
        return digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
