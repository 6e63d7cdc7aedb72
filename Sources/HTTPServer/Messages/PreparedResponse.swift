/// A response serialised once, all but `Date` and `Connection`; for what is answered often. Immutable.
package final class PreparedResponse: Sendable {
    let response: Response
    /// Status line and fields, without the empty line; nil if a field may not be sent, which answers 500.
    let head: [UInt8]?
    let body: [UInt8]

    /// Serialises `response`; later changes to it have no effect here.
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
