internal import CLinux
internal import Glibc
internal import Logging

extension Connection {
    /// Gathered output is sent when it exceeds this size.
    private static let fullOutput = 256 << 10

    /// Executes an action of the state machine. Writes to the worker's output buffer; the caller flushes.
    func perform(_ action: HTTP1StateMachine.Action) {
        switch action {
        case .wait: break
        case .sendContinue: worker.output.append("HTTP/1.1 100 Continue\r\n\r\n")
        case .respond(let head, let body): respond(head, body)
        case .refuse(let status, let path): refuse(status, path)
        case .close: close()
        }
    }

    private func respond(_ head: RequestHead, _ body: [UInt8]) {
        worker.counters.requests.increment()
        let origin = ClientOrigin(head, peer: peer, isSecure: isSecure, trusted: worker.trustedProxies)
        let match = self.match ?? worker.responder.match(head.method, head.path)
        self.match = nil
        var request = Request(head: head, body: body, origin: origin, match: match)
        if request.path == "*" {
            answer(Connection.capabilities)
        } else if let response = worker.responder.respondImmediately(to: request) {
            answer(response)
        } else {
            worker.waiting.remove(self)
            request.connection = self
            task = worker.loop.startTask { [self, request] in
                complete(await worker.responder.respond(to: request))
            }
        }
    }

    /// `OPTIONS *` asks about the server as a whole (RFC 9110 section 9.3.7).
    private static let capabilities = Response(.noContent, headers: ["Allow": "GET, HEAD, POST, PUT, DELETE, OPTIONS"])

    /// Sends a handler's response, then processes the requests that were pipelined after its request.
    private func complete(_ response: Response) {
        worker.loop.preconditionIsCurrent()
        task = nil
        guard phase == .open, http.isResponding else { return }
        answer(response)
        processUnparsed()
        updateInterest()
    }

    private func answer(_ response: Response) {
        if response.closesConnection { http.finish() }
        let keepsAlive = http.keepsAlive
        if !keepsAlive { ending = http.clientKeepsAlive ? .linger : .close }
        write(response, keepsAlive: keepsAlive)
        http.responseFinished(now: worker.loop.now)
        wait()
    }

    private func refuse(_ status: Status, _ path: String?) {
        worker.counters.countRefusal(status)
        ending = .linger
        let response = worker.responder.refusal(status, path: path) ?? .text(status, status.description + "\n")
        write(response, keepsAlive: false)
    }

    private func write(_ response: Response, keepsAlive: Bool) {
        let context = ResponseWriter.Context(
            isHead: http.isHead, isHTTP11: http.isHTTP11, keepsAlive: keepsAlive, serverFields: worker.serverFields)
        do throws(UnsendableResponse) {
            let body = try ResponseWriter.write(response, context, to: worker.output)
            worker.counters.count(response.status)
            if body != nil || worker.output.count > Connection.fullOutput { send(body) }
        } catch {
            worker.logger.error("response has an invalid status or header field; sent 500 instead")
            write(.text(.internalServerError, Status.internalServerError.description + "\n"), keepsAlive: keepsAlive)
        }
    }
}

// Writing.
extension Connection {
    /// Sends the gathered output and queues what the socket does not accept. If `ending` is set and everything is sent,
    /// ends the connection.
    func flush() {
        send(nil)
        if ending != nil, unsent.isEmpty, phase == .open { finish() }
    }

    private func send(_ body: [UInt8]?) {
        defer { worker.output.truncate(to: 0) }
        let bytes = worker.output.bytes
        guard phase == .open, !bytes.isEmpty || body != nil else { return }
        var sent = 0
        if unsent.isEmpty {
            sent = body.map { body in body.withUnsafeBytes { writeToSocket(bytes, $0) } } ?? writeToSocket(bytes)
            guard phase == .open else { return }
        }
        keepUnsent(bytes, body, sent)
    }

    private func keepUnsent(_ bytes: UnsafeRawBufferPointer, _ body: [UInt8]?, _ sent: Int) {
        if sent < bytes.count { unsent.append(UnsafeRawBufferPointer(rebasing: bytes[sent...])) }
        if let body { unsent.append(body, from: max(0, sent - bytes.count)) }
        if !unsent.isEmpty { deadline = worker.loop.now + worker.limits.writeStall }
    }

    func writable() {
        if phase == .handshake { return readable() }
        while !unsent.isEmpty, phase == .open {
            // Not within a method of `unsent`: a failed write closes the connection, which empties it.
            let taken = unsent.first.withUnsafeBytes { writeToSocket($0) }
            guard phase == .open else { return }
            let isWhole = unsent.removeFirst(taken)
            if taken > 0 { deadline = worker.loop.now + worker.limits.writeStall }
            if !isWhole { return }
        }
        guard phase == .open else { return }
        // Bytes received while the response was unsent can be parsed now.
        processUnparsed()
    }

    private func processUnparsed() {
        let bytes = unparsed
        unparsed = []
        bytes.withUnsafeBytes { take($0) }
        endIfAnswered()
        resumeBuffered()
    }

    /// Returns the number of bytes written; closes the connection if the socket failed.
    private func writeToSocket(_ bytes: UnsafeRawBufferPointer) -> Int {
        let result = tls?.write(bytes) ?? clinux_send(descriptor, bytes.baseAddress, bytes.count)
        return check(result)
    }

    private func writeToSocket(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
        guard tls == nil else {
            let sent = writeToSocket(first)
            return sent == first.count && phase == .open ? sent + writeToSocket(second) : sent
        }
        return check(
            clinux_send_pair(descriptor, first.baseAddress, first.count, second.baseAddress, second.count))
    }

    private func check(_ result: Int) -> Int {
        if result >= 0 {
            worker.counters.bytesSent.increment(by: result)
            return result
        }
        if result != -Int(EAGAIN) { close() }
        return 0
    }

    private func finish() {
        tls?.sendCloseNotify()
        guard ending == .linger else { return close() }
        shutdown(descriptor, Int32(SHUT_WR))
        (phase, unparsed) = (.lingering, [])
        deadline = worker.loop.now + Connection.lingerTime
        if hasEnded { close() }
    }
}
