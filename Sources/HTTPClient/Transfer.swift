internal import CCurl

/// One exchange that the loop carries out: what to tell libcurl, and what to make of how it ended. After it was handed
/// to the loop, everything but `id` is called on the loop's thread.
protocol Transfer: AnyObject, Sendable {
    var id: UInt64 { get }
    /// Sets up `handle`, fresh or reset. The first refusal of libcurl is returned.
    func configure(_ handle: UnsafeMutableRawPointer) -> CURLcode
    /// The exchange is over, with libcurl's verdict. This or another `end` is called once.
    func end(_ handle: UnsafeMutableRawPointer, code: CURLcode)
    /// The exchange did not take place, or was broken off.
    func end(_ failure: HTTPClientError)
    /// Frees what libcurl read or wrote; its handle has been reset.
    func release()
}

/// The first of several answers of libcurl that is a refusal.
func firstFailure(_ codes: [CURLcode]) -> CURLcode { codes.first { $0 != CURLE_OK } ?? CURLE_OK }
