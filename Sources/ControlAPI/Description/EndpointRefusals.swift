import HTTPServer

extension Endpoint {
    /// All errors that the call may return, in the order of `ErrorCode`.
    var refusals: [ErrorCode] {
        var codes: Set<ErrorCode> = [
            .parameterInvalid, .tlsRequired, .payloadTooLarge, .rateLimited, .internalError, .unavailable,
        ]
        codes.formUnion(errors)
        if scope != nil { codes.formUnion(Self.ofTokens + [.parameterUnknown]) }
        if takesKey { codes.insert(.conflict) }
        if !parameters.isEmpty { codes.insert(.resourceNotFound) }
        if let body {
            codes.formUnion([.parameterMissing, .parameterUnknown, .mediaTypeUnsupported])
            if body.mediaType == "application/json" { codes.insert(.jsonInvalid) }
        }
        return ErrorCode.allCases.filter(codes.contains)
    }

    private static let ofTokens: [ErrorCode] = [.tokenMissing, .tokenInvalid, .tokenExpired, .scopeMissing]

    /// Names the legacy paths; nil if there are none.
    var olderPathsNote: String? {
        olderPaths.isEmpty
            ? nil
            : (olderPaths.count == 1 ? "Legacy alias: " : "Legacy aliases: ")
                + olderPaths.map { "`\($0)`" }.joined(separator: ", ")
    }

    /// Whether the call changes something and takes no body. Fields in its body are rejected as unknown.
    var refusesFields: Bool { method != .get && scope != nil && body == nil }

    /// Whether the call supports an `Idempotency-Key`.
    private var takesKey: Bool { method == .post && scope != nil }

    /// The header parameter for the key; nil if the call does not support it.
    var key: Schema.Property? {
        let sentence =
            "Unique key that makes the request safe to retry. Repeats within 24 hours return the original response, "
            + "with `Idempotency-Replayed: true`."
        let schema: Schema = ["type": "string", "pattern": "^[!-~]{1,255}$"]
        return takesKey
            ? .init(name: RecordedWork.field, schema: schema.described(sentence), isRequired: false) : nil
    }
}
