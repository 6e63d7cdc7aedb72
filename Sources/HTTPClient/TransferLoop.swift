internal import CCurl
internal import Foundation
internal import Synchronization

/// The thread that drives libcurl, and its inbox.
///
/// Safe because the inbox has a mutex, and `multi` and the other variables are used on the loop's thread only, except
/// for `curl_multi_wakeup`, which may be called on any thread.
final class TransferLoop: @unchecked Sendable {
    private struct Inbox {
        var arrivals: [any Transfer] = []
        var cancellations: [UInt64] = []
        var sendings: [(connection: UInt64, bytes: [UInt8])] = []
        var lastID: UInt64 = 0
        var isStopping = false

        var isEmpty: Bool { arrivals.isEmpty && cancellations.isEmpty && sendings.isEmpty && !isStopping }
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer?
    private var running: [UnsafeMutableRawPointer: any Transfer] = [:]
    private var idleHandles: [UnsafeMutableRawPointer] = []
    private var connections = RawConnectionTable()

    /// Process-wide initialisation, required before the first use of libcurl (libcurl-thread(3)).
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    init(connectionsPerHost: Int) {
        multi = Self.isReady ? curl_multi_init() : nil
        _ = portico_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
        _ = portico_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 256)
    }

    func start() {
        let thread = Thread { self.run() }
        thread.name = "http-client"
        thread.start()
    }

    /// Performs the transfer that `make` creates and waits for its end. Cancelling the task cancels the transfer.
    func perform<Value: Sendable, Failure: Error>(
        _ make: (UInt64, @escaping @Sendable (Result<Value, Failure>) -> Void) -> any Transfer
    ) async -> Result<Value, Failure> {
        let id = nextID()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(make(id) { continuation.resume(returning: $0) })
                // `onCancel` may have run before the transfer was submitted.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    func nextID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.lastID += 1
            return inbox.lastID
        }
    }

    func submit(_ transfer: any Transfer) {
        guard multi != nil else { return transfer.end(.other("libcurl initialization failed")) }
        post { $0.arrivals.append(transfer) }
    }

    func cancel(_ id: UInt64) { post { $0.cancellations.append(id) } }

    func send(_ bytes: [UInt8], on connection: UInt64) { post { $0.sendings.append((connection, bytes)) } }

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
            for (connection, error) in connections.pump() { end(connection, error) }
            if inbox.withLock({ $0.isEmpty }), !connections.hasPendingReads {
                portico_curl_multi_poll(multi, connections.epoll, 1_000)
            }
        }
        for handle in Array(running.keys) { cancelTransfer(handle) }
        for connection in connections.all { end(connection, .cancelled) }
        for handle in idleHandles { curl_easy_cleanup(handle) }
        curl_multi_cleanup(multi)
        connections.free()
    }

    /// Returns false when the loop must stop.
    private func takeWork() -> Bool {
        let work = inbox.withLock { inbox in
            defer { (inbox.arrivals, inbox.cancellations, inbox.sendings) = ([], [], []) }
            return inbox
        }
        for transfer in work.arrivals { begin(transfer) }
        for (id, bytes) in work.sendings {
            guard let connection = connections[id] else { continue }
            if let error = connections.send(bytes, on: connection) { end(connection, error) }
        }
        for id in work.cancellations {
            if let connection = connections[id] { end(connection, .cancelled) }
            if let handle = running.first(where: { $0.value.id == id })?.key { cancelTransfer(handle) }
        }
        return !work.isStopping
    }

    private func begin(_ transfer: any Transfer) {
        guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
            return transfer.end(.other("out of memory"))
        }
        let code = transfer.configure(handle)
        guard code == CURLE_OK, curl_multi_add_handle(multi, handle) == CURLM_OK else {
            transfer.end(HTTPClientError(code, detail: ""))
            return recycle(handle, of: transfer)
        }
        running[handle] = transfer
    }

    private func finishDone() {
        var code = CURLE_OK
        while let handle = portico_curl_multi_next_done(multi, &code) {
            guard let transfer = running.removeValue(forKey: handle) else { continue }
            if code == CURLE_OK, let connection = transfer as? RawConnection {
                open(connection, on: handle)
                continue
            }
            transfer.end(handle, code: code)
            curl_multi_remove_handle(multi, handle)
            recycle(handle, of: transfer)
        }
    }

    /// The handle stays in `multi` while its connection is open.
    private func open(_ connection: RawConnection, on handle: UnsafeMutableRawPointer) {
        connection.open(on: handle)
        if let error = connections.add(connection) { end(connection, error) }
    }

    private func end(_ connection: RawConnection, _ error: HTTPClientError) {
        guard let handle = connection.handle else { return }
        connections.remove(connection)
        curl_multi_remove_handle(multi, handle)
        recycle(handle, of: connection)
        connection.end(error)
    }

    private func cancelTransfer(_ handle: UnsafeMutableRawPointer) {
        guard let transfer = running.removeValue(forKey: handle) else { return }
        curl_multi_remove_handle(multi, handle)
        recycle(handle, of: transfer)
        transfer.end(.cancelled)
    }

    /// Reuses handles, because creating one costs more than most calls to a router.
    private func recycle(_ handle: UnsafeMutableRawPointer, of transfer: any Transfer) {
        curl_easy_reset(handle)
        transfer.release()
        if idleHandles.count < 64 { idleHandles.append(handle) } else { curl_easy_cleanup(handle) }
    }
}
