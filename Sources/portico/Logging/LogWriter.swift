import Foundation
import Glibc
import Synchronization

/// Writes log lines to standard error on a thread of its own, so that a slow reader (a busy journal, a stopped
/// terminal) does not block an event loop. The process writes the remaining lines when it exits.
final class LogWriter: Sendable {
    static let standardError = LogWriter()

    private struct Pending {
        var bytes: [UInt8] = []
        /// Lines that were dropped since the last one that fitted.
        var dropped = 0
        var isWriting = false
    }

    /// Bytes of unwritten lines; a line that does not fit is dropped and counted.
    private static let limit = 1 << 20
    /// Seconds for the remaining lines when the process exits.
    private static let exitTimeout = 2.0

    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "log-writer")

    private init() { atexit { LogWriter.standardError.flush() } }

    /// Appends a line, which ends with a newline. Callable from any thread; does not block on standard error.
    /// - Parameter note: Returns the line that states how many lines were dropped; it precedes the next line that fits.
    func write(_ line: String, afterDropping note: (Int) -> String) {
        let starts = pending.withLock { pending in
            let lines = (pending.dropped == 0 ? "" : note(pending.dropped)) + line
            guard pending.bytes.count + lines.utf8.count <= Self.limit else {
                pending.dropped += 1
                return false
            }
            pending.bytes += lines.utf8
            pending.dropped = 0
            defer { pending.isWriting = true }
            return !pending.isWriting
        }
        if starts { queue.async { self.writePending() } }
    }

    private func writePending() {
        while let bytes = takePending() {
            Self.writeAll(bytes)
        }
    }

    /// Waits while standard error accepts nothing, also if another process made it non-blocking. Ignores other errors:
    /// a full disk or a closed pipe must not stop the program.
    private static func writeAll(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Returns nil, and lets the next `write` start the writing, if no line is left.
    private func takePending() -> [UInt8]? {
        pending.withLock { pending in
            guard !pending.bytes.isEmpty else {
                pending.isWriting = false
                return nil
            }
            defer { pending.bytes = [] }
            return pending.bytes
        }
    }

    private func flush() {
        let written = DispatchSemaphore(value: 0)
        queue.async { written.signal() }
        _ = written.wait(timeout: .now() + Self.exitTimeout)
    }
}
