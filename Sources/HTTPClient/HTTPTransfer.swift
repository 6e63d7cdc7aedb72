internal import CCurl
internal import NetworkAddress

/// A running HTTP request and the part of the response received so far.
///
/// Safe because it is created on the caller's thread, passed to the loop once, and then used on the loop's thread only.
final class HTTPTransfer: Transfer, @unchecked Sendable {
    let id: UInt64
    let request: HTTPRequest
    let userAgent: String
    /// Called once, on the loop's thread.
    private let finish: @Sendable (Result<HTTPResponse, HTTPClientError>) -> Void

    private var headers: [(name: String, value: String)] = []
    private var headerBytes = 0
    /// Bytes of all header blocks together.
    private static let mostHeaderBytes = 128 << 10
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var isAddressRefused = false

    // Memory that libcurl uses while the transfer runs; released after its handle is reset.
    var headerList: UnsafeMutablePointer<curl_slist>?
    let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    var pin: UnsafeMutablePointer<UInt8>?
    var connectList: UnsafeMutablePointer<curl_slist>?
    var observed: UnsafeMutablePointer<portico_curl_certificate>?

    init(
        id: UInt64, request: HTTPRequest, userAgent: String,
        finish: @escaping @Sendable (Result<HTTPResponse, HTTPClientError>) -> Void
    ) {
        self.id = id
        self.request = request
        self.userAgent = userAgent
        self.finish = finish
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        release()
        errorText.deallocate()
    }

    func release() {
        curl_slist_free_all(headerList)
        headerList = nil
        pin?.deallocate()
        pin = nil
        curl_slist_free_all(connectList)
        connectList = nil
        observed?.deallocate()
        observed = nil
    }

    func end(_ handle: UnsafeMutableRawPointer, code: CURLcode) { finish(result(of: handle, code: code)) }

    func end(_ failure: HTTPClientError) { finish(.failure(failure)) }

    private func result(of handle: UnsafeMutableRawPointer, code: CURLcode) -> Result<HTTPResponse, HTTPClientError> {
        if isTooLarge { return .failure(.tooLarge) }
        // Without `keepsBody`, the first byte of the body ends the transfer; status and fields are complete.
        let isEnough = code == CURLE_OK || (code == CURLE_WRITE_ERROR && !request.keepsBody)
        guard isEnough else {
            if isAddressRefused, code == CURLE_COULDNT_CONNECT { return .failure(.addressRefused) }
            return .failure(HTTPClientError(code, detail: String(cString: errorText)))
        }
        let status = portico_curl_get_long(handle, CURLINFO_RESPONSE_CODE)
        return .success(HTTPResponse(status: status, headers: headers, body: body, certificate: certificate))
    }

    private var certificate: ServerCertificate? { observed.flatMap { ServerCertificate($0.pointee) } }

    /// Whether connecting to `address` is allowed.
    func admits(_ address: IPAddress?) -> Bool {
        guard let admits = request.admits else { return true }
        let isAdmitted = address.map(admits) ?? false
        isAddressRefused = isAddressRefused || !isAdmitted
        return isAdmitted
    }

    /// Returns false to end the transfer.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard request.keepsBody else { return false }
        isTooLarge = body.count + bytes.count > request.maxResponseBytes
        guard !isTooLarge else { return false }
        body.append(contentsOf: bytes)
        return true
    }

    /// Receives one line of a header block. A status line starts a new block; the blocks of interim and redirect
    /// responses are discarded. Returns false to end the transfer.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        isTooLarge = headerBytes > Self.mostHeaderBytes
        guard !isTooLarge else { return false }
        let line = String(streamSafe: bytes)
        if line.hasPrefix("HTTP/") { headers.removeAll() }
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2 { headers.append((String(parts[0]), parts[1].trimmingSpace())) }
        return true
    }
}

extension Substring {
    fileprivate func trimmingSpace() -> String {
        let isSpace = { (character: Character) in character.isWhitespace }
        guard let start = firstIndex(where: { !isSpace($0) }), let end = lastIndex(where: { !isSpace($0) }) else {
            return ""
        }
        return String(self[start...end])
    }
}
