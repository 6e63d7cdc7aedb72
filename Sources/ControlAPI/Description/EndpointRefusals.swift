import HTTPServer

extension Endpoint {
    /// Every refusal that the call may meet, in the order of `ErrorCode`.
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

    /// A sentence on the paths of older documents; nil where there is none.
    var olderPathsNote: String? {
        olderPaths.isEmpty
            ? nil
            : "Answers the same at " + olderPaths.map { "`\($0)`" }.joined(separator: " and ")
                + ", from older documents."
    }

    /// Whether the call changes something and takes no body.
    var refusesFields: Bool { method != .get && scope != nil && body == nil }

    /// Whether the call is carried out once for an `Idempotency-Key`.
    private var takesKey: Bool { method == .post && scope != nil }

    /// The header field with that key; nil where none is taken.
    var key: Schema.Property? {
        let sentence =
            "A header field with a text of the client's own. A request that is sent again with it within a day is not "
            + "carried out again, and answered as the first time (`Idempotency-Replayed: true`)."
        let schema: Schema = ["type": "string", "pattern": "^[!-~]{1,255}$"]
        return takesKey
            ? .init(name: RecordedWork.field, schema: schema.described(sentence), isRequired: false) : nil
    }
}
