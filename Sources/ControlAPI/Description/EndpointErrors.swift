import HTTPServer

extension Endpoint {
    /// All errors that the call may return, in the order of `ErrorCode`.
    var errorCodes: [ErrorCode] {
        var codes: Set<ErrorCode> = [
            .parameterInvalid, .tlsRequired, .payloadTooLarge, .rateLimited, .internalError, .unavailable,
        ]
        codes.formUnion(errors)
        if scope != nil { codes.formUnion(Self.tokenErrors + [.parameterUnknown]) }
        if acceptsIdempotencyKey { codes.insert(.conflict) }
        if !parameters.isEmpty { codes.insert(.resourceNotFound) }
        if let body {
            codes.formUnion([.parameterMissing, .parameterUnknown, .mediaTypeUnsupported])
            if body.mediaType == "application/json" { codes.insert(.jsonInvalid) }
        }
        return ErrorCode.allCases.filter(codes.contains)
    }

    private static let tokenErrors: [ErrorCode] = [.tokenMissing, .tokenInvalid, .tokenExpired, .scopeMissing]

    /// Names the legacy paths; nil if there are none.
    var legacyPathsNote: String? {
        legacyPaths.isEmpty
            ? nil
            : (legacyPaths.count == 1 ? "Legacy alias: " : "Legacy aliases: ")
                + legacyPaths.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// Whether the call changes something and takes no body. Fields in its body are rejected as unknown.
    var rejectsFields: Bool { method != .get && scope != nil && body == nil }

    /// Whether the call supports an `Idempotency-Key`.
    private var acceptsIdempotencyKey: Bool { method == .post && scope != nil }

    /// The header parameter for the key; nil if the call does not support it.
    var idempotencyKey: Schema.Property? {
        let description =
            "Unique key that makes the request safe to retry. Repeats within 24 hours return the original response, "
            + "with `Idempotency-Replayed: true`."
        let schema: Schema = ["type": "string", "pattern": "^[!-~]{1,255}$"]
        return acceptsIdempotencyKey
            ? .init(name: IdempotencyMiddleware.header, schema: schema.described(description), isRequired: false) : nil
    }
}
