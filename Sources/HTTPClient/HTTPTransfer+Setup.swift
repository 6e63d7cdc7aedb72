internal import CCurl
internal import Foundation
internal import NetworkAddress

/// Sets the libcurl options of a request.
extension HTTPTransfer {
    func configure(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let steps = [setAddress, setConnection, setLimits, setMessage, setReceivers, setAdmission, setTrust]
        for step in steps {
            let code = step(handle)
            guard code == CURLE_OK else { return code }
        }
        return portico_curl_set_text(handle, CURLOPT_USERAGENT, userAgent)
    }

    private func setAddress(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        firstFailure([
            portico_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            portico_curl_set_text(handle, CURLOPT_PROXY, ""),
            portico_curl_set_long(handle, CURLOPT_HTTP_VERSION, 2),  // CURL_HTTP_VERSION_1_1
            portico_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1),
            portico_curl_set_text(handle, CURLOPT_URL, request.url),
        ])
    }

    /// An empty host and port match every URL (CURLOPT_CONNECT_TO(3)).
    private func setConnection(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard let target = request.connectTo else { return CURLE_OK }
        connectList = curl_slist_append(nil, "::\(target)")
        return portico_curl_set_pointer(handle, CURLOPT_CONNECT_TO, connectList)
    }

    private func setLimits(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let (seconds, attoseconds) = request.timeout.components
        let milliseconds = max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
        return firstFailure([
            portico_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            portico_curl_set_long(handle, CURLOPT_TIMEOUT_MS, milliseconds),
            portico_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, request.redirects > 0 ? 1 : 0),
            portico_curl_set_long(handle, CURLOPT_MAXREDIRS, request.redirects),
        ])
    }

    private func setMessage(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        headerList = curl_slist_append(nil, "Expect:")  // never wait for 100 Continue
        for (name, value) in request.headers { headerList = curl_slist_append(headerList, "\(name): \(value)") }
        var codes = [portico_curl_set_pointer(handle, CURLOPT_HTTPHEADER, headerList)]
        if let body = request.body {
            codes.append(body.withUnsafeBytes { portico_curl_set_body(handle, $0.baseAddress, $0.count) })
        } else if request.method == "HEAD" {
            codes.append(portico_curl_set_long(handle, CURLOPT_NOBODY, 1))
        }
        codes.append(portico_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, request.method))
        if let credentials = request.credentials {
            codes.append(portico_curl_set_text(handle, CURLOPT_USERNAME, credentials.user))
            codes.append(portico_curl_set_text(handle, CURLOPT_PASSWORD, credentials.password))
        }
        return firstFailure(codes)
    }

    // Safe because the loop retains the transfer until its handle has been reset, and calls back on its own thread
    // only.
    private func setReceivers(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let body: portico_curl_receiver = { bytes, _, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
        }
        let header: portico_curl_receiver = { bytes, _, count, context in
            guard let bytes, let context else { return 0 }
            let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
        }
        return firstFailure([
            portico_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText),
            portico_curl_set_receiver(handle, CURLOPT_WRITEFUNCTION, body, context),
            portico_curl_set_receiver(handle, CURLOPT_HEADERFUNCTION, header, context),
        ])
    }

    /// Checks the resolved address that libcurl is about to connect to, so that DNS rebinding cannot bypass the check.
    // Safe for the same reason.
    private func setAdmission(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard request.admits != nil else { return CURLE_OK }
        let opener: portico_curl_opener = { context, _, target in
            guard let context, let target else { return -1 }
            var octets: [UInt8] = Array(repeating: 0, count: 16)
            let count = portico_curl_address_octets(target, &octets)
            let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
            guard transfer.admits(IPAddress(octets: octets.prefix(count))) else { return -1 }
            return portico_curl_open(target)
        }
        return portico_curl_set_opener(handle, opener, Unmanaged.passUnretained(self).toOpaque())
    }

    private func setTrust(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        switch request.trust {
        case .system(nil): CURLE_OK
        case .system(let file?): HTTPRequest.Trust.addAuthorities(file, handle)
        case .authority(let pem):
            firstFailure([
                portico_curl_set_text(handle, CURLOPT_CAPATH, nil),
                Array(pem.utf8).withUnsafeBytes { portico_curl_set_authority(handle, $0.baseAddress, $0.count) },
            ])
        case .pinned(let sha256): setPin(sha256, handle)
        case .observed(let file): captureCertificate(handle, extraAuthorities: file)
        }
    }

    private func captureCertificate(_ handle: UnsafeMutableRawPointer, extraAuthorities file: String?) -> CURLcode {
        let seen = UnsafeMutablePointer<portico_curl_certificate>.allocate(capacity: 1)
        seen.initialize(to: portico_curl_certificate())
        observed = seen
        let host = (URLComponents(string: request.url)?.host ?? "").trimmingCharacters(in: ["[", "]"])
        withUnsafeMutableBytes(of: &seen.pointee.host) { $0.copyBytes(from: host.utf8.prefix($0.count - 1)) }
        return firstFailure([
            file.map { portico_curl_set_text(handle, CURLOPT_CAINFO, $0) } ?? CURLE_OK,
            file.map { _ in portico_curl_set_text(handle, CURLOPT_CAPATH, "/etc/ssl/certs") } ?? CURLE_OK,
            portico_curl_observe(handle, seen),
        ])
    }

    /// libcurl reuses a connection for requests with equal TLS options, which do not include the pin. A nonexistent CA
    /// directory named after the pin makes the options differ.
    private func setPin(_ sha256: [UInt8], _ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard sha256.count == 32 else { return CURLE_BAD_FUNCTION_ARGUMENT }
        let digest = UnsafeMutablePointer<UInt8>.allocate(capacity: 32)
        digest.initialize(from: sha256, count: 32)
        pin = digest
        let name = sha256.map { String($0, radix: 16) }.joined(separator: "-")
        return firstFailure([
            portico_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 0),
            portico_curl_set_text(handle, CURLOPT_CAINFO, nil),
            portico_curl_set_text(handle, CURLOPT_CAPATH, "/nonexistent/pin-\(name)"),
            portico_curl_set_pin(handle, digest),
        ])
    }
}

extension HTTPRequest.Trust {
    /// Trusts the authorities of a PEM file in addition to the system's.
    static func addAuthorities(_ file: String, _ handle: UnsafeMutableRawPointer) -> CURLcode {
        firstFailure([
            portico_curl_set_text(handle, CURLOPT_CAINFO, file),
            portico_curl_set_text(handle, CURLOPT_CAPATH, "/etc/ssl/certs"),
        ])
    }
}
