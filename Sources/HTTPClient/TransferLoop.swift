internal import CCurl
internal import Foundation
internal import Synchronization

/// The thread that drives libcurl, and the inbox through which it gets its work.
///
/// Safe because the inbox is behind a mutex, `multi` is used by the loop's thread alone except for `curl_multi_wakeup`,
/// which may be called from any, and the other variables are touched by the loop's thread alone.
final class TransferLoop: @unchecked Sendable {
    private struct Inbox {
        var arrivals: [Transfer] = []
        var cancellations: [UInt64] = []
        var sendings: [(link: UInt64, bytes: [UInt8])] = []
        var lastID: UInt64 = 0
        var isStopping = false

        var isEmpty: Bool { arrivals.isEmpty && cancellations.isEmpty && sendings.isEmpty && !isStopping }
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer?
    private let userAgent: String
    private var running: [UnsafeMutableRawPointer: Transfer] = [:]
    private var idleHandles: [UnsafeMutableRawPointer] = []
    private var links = LinkTable()
    /// The transfers whose connections the links use.
    private var connected: [UInt64: Transfer] = [:]

    /// A process-wide set-up that libcurl wants before its first use (libcurl-thread(3)).
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(connectionsPerHost: Int, userAgent: String) {
        multi = Self.isReady ? curl_multi_init() : nil
        self.userAgent = userAgent
        _ = portico_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
        _ = portico_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 256)
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "http-client"
        thread.start()
    }

    func nextID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.lastID += 1
            return inbox.lastID
        }
    }

    func submit(_ transfer: Transfer) {
        guard multi != nil else { return transfer.finish(.failure(.other("libcurl cannot be started"))) }
        post { $0.arrivals.append(transfer) }
    }

    func cancel(_ id: UInt64) { post { $0.cancellations.append(id) } }

    func send(_ bytes: [UInt8], on link: UInt64) { post { $0.sendings.append((link, bytes)) } }

    /// Ends every transfer and the thread.
    func stop() { post { $0.isStopping = true } }

    private func post(_ change: (inout sending Inbox) -> Void) {
        let wasEmpty = inbox.withLock { inbox in
            let wasEmpty = inbox.isEmpty
            change(&inbox)
            return wasEmpty
        }
        if wasEmpty { curl_multi_wakeup(multi) }
    }

    private func run() {
        var active: Int32 = 0
        while takeWork() {
            curl_multi_perform(multi, &active)
            finishDone()
            moveLinks()
            if inbox.withLock({ $0.isEmpty }), !links.isEager {
                var isReady: Int32 = 0
                portico_curl_multi_poll(multi, links.epoll, 1_000, &isReady)
            }
        }
        for handle in Array(running.keys) { end(handle, .failure(.cancelled)) }
        for link in links.all { end(link, .cancelled) }
        for handle in idleHandles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
        links.free()
    }

    /// False when the loop is to stop.
    private func takeWork() -> Bool {
        let work = inbox.withLock { inbox in
            defer { (inbox.arrivals, inbox.cancellations, inbox.sendings) = ([], [], []) }
            return inbox
        }
        for transfer in work.arrivals { begin(transfer) }
        for (id, bytes) in work.sendings {
            if let link = links[id], let error = links.send(bytes, on: link) { end(link, error) }
        }
        for id in work.cancellations {
            if let link = links[id] {
                end(link, .cancelled)
            } else if let handle = running.first(where: { $0.value.id == id })?.key {
                end(handle, .failure(.cancelled))
            }
        }
        return !work.isStopping
    }

    private func begin(_ transfer: Transfer) {
        guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
            return transfer.finish(.failure(.other("out of memory")))
        }
        let code = transfer.configure(handle, userAgent: userAgent)
        guard code == CURLE_OK, curl_multi_add_handle(multi, handle) == CURLM_OK else {
            transfer.finish(.failure(HTTPClientError(code, detail: "")))
            return recycle(handle, of: transfer)
        }
        running[handle] = transfer
    }

    private func finishDone() {
        var code = CURLE_OK
        while let handle = portico_curl_multi_next_done(multi, &code) {
            guard let transfer = running[handle] else { continue }
            if code == CURLE_OK, let link = transfer.link {
                adopt(link, transfer, handle)
            } else {
                end(handle, transfer.result(of: handle, code: code))
            }
        }
    }

    /// The connection stands, and is the link's from now on.
    private func adopt(_ link: Link, _ transfer: Transfer, _ handle: UnsafeMutableRawPointer) {
        running[handle] = nil
        connected[link.id] = transfer
        link.open(on: handle)
        if let error = links.add(link) { end(link, error) }
    }

    private func moveLinks() { for (link, error) in links.move() { end(link, error) } }

    private func end(_ link: Link, _ error: HTTPClientError) {
        links.remove(link)
        guard let handle = link.handle, let transfer = connected.removeValue(forKey: link.id) else { return }
        curl_multi_remove_handle(multi, handle)
        recycle(handle, of: transfer)
        link.events(.closed(error))
    }

    private func end(_ handle: UnsafeMutableRawPointer, _ result: Result<HTTPResponse, HTTPClientError>) {
        guard let transfer = running.removeValue(forKey: handle) else { return }
        curl_multi_remove_handle(multi, handle)
        recycle(handle, of: transfer)
        transfer.finish(result)
    }

    /// Handles are kept: a new one costs more than most calls to a router.
    private func recycle(_ handle: UnsafeMutableRawPointer, of transfer: Transfer) {
        curl_easy_reset(handle)
        transfer.release()
        if idleHandles.count < 64 { idleHandles.append(handle) } else { curl_easy_cleanup(handle) }
    }
}
