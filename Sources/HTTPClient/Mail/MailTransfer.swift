internal import CCurl
internal import NetworkAddress

/// One SMTP session: sends a message, or only connects and signs in.
///
/// Safe because it is created on the caller's thread, passed to the loop once, and then used on the loop's thread only.
final class MailTransfer: Transfer, @unchecked Sendable {
    let id: UInt64
    private let server: MailServer
    private let name: String?
    private let message: MailMessage?
    private let timeout: Duration
    private let finish: @Sendable (Result<Void, MailError>) -> Void

    /// The name of the last command sent before QUIT, and the last line of the reply to it.
    private var command = ""
    private var reply = ""
    private var hasSentQuit = false

    // Memory that libcurl uses while the transfer runs; released after its handle is reset.
    private var recipients: UnsafeMutablePointer<curl_slist>?
    private let upload = UnsafeMutablePointer<portico_curl_upload>.allocate(capacity: 1)
    private let content: UnsafeMutableBufferPointer<UInt8>
    private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init(
        id: UInt64, server: MailServer, name: String?, message: MailMessage?, timeout: Duration,
        finish: @escaping @Sendable (Result<Void, MailError>) -> Void
    ) {
        self.id = id
        self.server = server
        self.name = name
        self.message = message
        self.timeout = timeout
        self.finish = finish
        content = .allocate(capacity: message?.content.count ?? 0)
        _ = content.initialize(fromContentsOf: message?.content ?? [])
        upload.initialize(
            to: portico_curl_upload(bytes: content.baseAddress, count: content.count, sent: 0))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        release()
        errorText.deallocate()
        upload.deallocate()
        content.deallocate()
    }

    func release() {
        curl_slist_free_all(recipients)
        recipients = nil
    }

    func end(_ handle: UnsafeMutableRawPointer, code: CURLcode) {
        guard code != CURLE_OK else { return finish(.success(())) }
        let detail = String(cString: errorText)
        finish(.failure(MailError(code, detail: detail, command: command, reply: reply)))
    }

    func end(_ failure: HTTPClientError) {
        switch failure {
        case .other(let words): finish(.failure(.unreachable(words)))
        default: finish(.failure(.cancelled))
        }
    }

    func configure(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        for step in [setServer, setCredentials, setMessage, setTracer] {
            let code = step(handle)
            guard code == CURLE_OK else { return code }
        }
        return CURLE_OK
    }

    private func setServer(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let (seconds, _) = timeout.components
        // CURLUSESSL_TRY and CURLUSESSL_ALL: macros of casts, which Swift does not import.
        let encryption = server.encryption == .whereOffered ? 1 : 3
        return firstFailure([
            portico_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            portico_curl_set_text(handle, CURLOPT_PROXY, ""),
            portico_curl_set_text(handle, CURLOPT_URL, server.origin + (name.map { "/\($0)" } ?? "")),
            portico_curl_set_long(handle, CURLOPT_USE_SSL, encryption),
            portico_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            portico_curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, Int(seconds)) * 1_000),
            portico_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText),
            server.extraAuthorities.map { HTTPRequest.Trust.addAuthorities($0, handle) } ?? CURLE_OK,
        ])
    }

    private func setCredentials(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard let credentials = server.credentials else { return CURLE_OK }
        return firstFailure([
            portico_curl_set_text(handle, CURLOPT_USERNAME, credentials.user),
            portico_curl_set_text(handle, CURLOPT_PASSWORD, credentials.password),
        ])
    }

    private func setMessage(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard let message else {
            return firstFailure([
                portico_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, "NOOP"),
                portico_curl_set_long(handle, CURLOPT_NOBODY, 1),
            ])
        }
        recipients = curl_slist_append(nil, "<\(message.recipient)>")
        return firstFailure([
            portico_curl_set_text(handle, CURLOPT_MAIL_FROM, "<\(message.sender)>"),
            portico_curl_set_pointer(handle, CURLOPT_MAIL_RCPT, recipients),
            portico_curl_set_upload(handle, upload),
        ])
    }

    /// Traces the protocol, because libcurl's error texts do not reliably tell which command failed.
    // Safe because the loop retains the transfer until its handle has been reset, and calls back on its own thread
    // only.
    private func setTracer(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let tracer: portico_curl_tracer = { _, kind, bytes, count, context in
            guard let bytes, let context else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: count)
            Unmanaged<MailTransfer>.fromOpaque(context).takeUnretainedValue().trace(line, kind)
            return 0
        }
        return portico_curl_set_tracer(handle, tracer, Unmanaged.passUnretained(self).toOpaque())
    }

    private func trace(_ line: UnsafeRawBufferPointer, _ kind: curl_infotype) {
        guard !hasSentQuit else { return }
        switch kind {
        case CURLINFO_HEADER_OUT:
            // Only the four letters of the command; what follows may be a password.
            let word = String(streamSafe: line.prefix(4))
            hasSentQuit = word == "QUIT"
            if !hasSentQuit { command = word }
        case CURLINFO_HEADER_IN:
            reply = String(streamSafe: line.prefix(200).filter { (0x20...0x7E).contains($0) })
        default: break
        }
    }
}
