internal import CCurl

/// One exchange that the loop performs: its libcurl options and the handling of its result. Once it is submitted, all
/// members except `id` are used on the loop's thread only.
protocol Transfer: AnyObject, Sendable {
    var id: UInt64 { get }
    /// Sets the options of `handle`, which is new or reset. Returns the first error of libcurl.
    func configure(_ handle: UnsafeMutableRawPointer) -> CURLcode
    /// Called when the exchange has ended, with libcurl's result. Exactly one of the two `end` methods is called, once.
    func end(_ handle: UnsafeMutableRawPointer, code: CURLcode)
    /// Called when the exchange was not started or was cancelled.
    func end(_ failure: HTTPClientError)
    /// Frees the memory that libcurl used; called after its handle is reset.
    func release()
}

/// The first code that is not CURLE_OK; CURLE_OK if there is none.
func firstFailure(_ codes: [CURLcode]) -> CURLcode { codes.first { $0 != CURLE_OK } ?? CURLE_OK }
