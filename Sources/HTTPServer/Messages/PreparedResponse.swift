/// A response serialised once, except `Date` and `Connection`, for frequent use. Immutable.
package final class PreparedResponse: Sendable {
    let response: Response
    /// Status line and fields, without the empty line; nil if a field is invalid, which makes the response a 500.
    let head: [UInt8]?
    let body: [UInt8]

    /// Serialises `response`.
    package init(_ response: Response) {
        var response = response
        let body = response.bodyBytes
        response.body = body.isEmpty ? .empty : .shared(SharedBytes(body))
        let buffer = OutputBuffer(capacity: 1024)
        head = ResponseWriter.writeFixedPart(of: response, length: body.count, to: buffer) ? buffer.copy() : nil
        self.response = response
        self.body = response.status.allowsBody ? body : []
    }
}
