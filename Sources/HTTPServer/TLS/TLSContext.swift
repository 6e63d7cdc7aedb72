internal import COpenSSL
internal import Glibc
internal import Logging
internal import Synchronization

/// A certificate, its key and what TLS is spoken with: versions 1.2 and 1.3 as in Mozilla's intermediate profile,
/// tickets, ALPN. Shared by all loops.
///
/// A session keeps the context it began with, whatever is loaded since.
final class TLSContext: Sendable {
    private struct State {
        var context: Handle
        var stamp: Stamp
        var generation = 0
    }

    /// `@unchecked Sendable`: Safe because OpenSSL counts references to a context atomically, and it is never changed
    /// once it is in use.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Tells a changed file from an unchanged one.
    private struct Stamp: Equatable {
        var files: [[Int]]
    }

    private let configuration: Server.TLSConfiguration
    private let logger: Logger
    private let state: Mutex<State>

    /// Throws `TLSError` if a file cannot be read or certificate and key do not belong together.
    init(_ configuration: Server.TLSConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let stamp = TLSContext.stamp(configuration)
        state = Mutex(State(context: try TLSContext.load(configuration), stamp: stamp))
    }

    deinit { state.withLock { SSL_CTX_free($0.context.pointer) } }

    /// How often the files were loaded anew.
    var generation: Int { state.withLock(\.generation) }

    /// A server's session over a connected socket; nil if memory is short.
    func makeSession(for descriptor: Int32) -> TLSSession? {
        state.withLock { state in SSL_new(state.context.pointer).map { TLSSession($0, descriptor: descriptor) } }
    }

    /// Takes up changed files for new connections. Files that do not fit each other leave all as it was; they are
    /// looked at again when they change again. Tickets stay good.
    func reloadIfChanged() {
        let stamp = TLSContext.stamp(configuration)
        guard state.withLock({ exchange(&$0.stamp, with: stamp) != stamp }) else { return }
        reload()
    }

    /// Takes up the files for new connections, changed or not.
    func reload() {
        do {
            let fresh = try TLSContext.load(configuration)
            state.withLock { state in
                copenssl_keep_ticket_keys(fresh.pointer, state.context.pointer)
                state.generation += 1
                SSL_CTX_free(exchange(&state.context, with: fresh).pointer)
            }
            logger.info("certificate reloaded", metadata: ["file": "\(configuration.certificateFile)"])
        } catch {
            logger.error("certificate not reloaded", metadata: ["reason": "\(error)"])
        }
    }

    private static func load(_ configuration: Server.TLSConfiguration) throws -> Handle {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw TLSError("out of memory") }
        do {
            guard copenssl_use_intermediate_profile(context) == 1 else { throw TLSError("the profile is refused") }
            copenssl_spare_memory(context)
            copenssl_offer_http1(context)
            guard SSL_CTX_use_certificate_chain_file(context, configuration.certificateFile) == 1 else {
                throw TLSError("is no readable certificate chain", file: configuration.certificateFile)
            }
            guard SSL_CTX_use_PrivateKey_file(context, configuration.keyFile, SSL_FILETYPE_PEM) == 1,
                SSL_CTX_check_private_key(context) == 1
            else { throw TLSError("is no readable key of the certificate", file: configuration.keyFile) }
            return Handle(pointer: context)
        } catch {
            SSL_CTX_free(context)
            throw error
        }
    }

    private static func stamp(_ configuration: Server.TLSConfiguration) -> Stamp {
        Stamp(
            files: [configuration.certificateFile, configuration.keyFile].map { file in
                var status = stat()
                guard stat(file, &status) == 0 else { return [] }
                let time = status.st_mtim
                return [time.tv_sec, time.tv_nsec, Int(status.st_size), Int(truncatingIfNeeded: status.st_ino)]
            })
    }
}

/// Why TLS cannot be offered.
package struct TLSError: Error, Sendable, CustomStringConvertible {
    private let reason: String
    /// The file that cannot be used; nil if no file is to blame.
    package let file: String?

    init(_ reason: String, file: String? = nil) { (self.reason, self.file) = (reason, file) }

    /// Names the file, never its content.
    package var description: String { (file.map { $0 + " " } ?? "") + reason }
}

/// Puts `value` in `place` and returns what was there.
private func exchange<Value>(_ place: inout Value, with value: Value) -> Value {
    let old = place
    place = value
    return old
}
