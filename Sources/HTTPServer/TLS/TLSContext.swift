internal import COpenSSL
internal import Glibc
internal import Logging
internal import Synchronization

/// A certificate, its key and the TLS settings: versions 1.2 and 1.3 as in Mozilla's intermediate profile, session
/// tickets, ALPN. Shared by all loops.
///
/// A session keeps its context when the certificate is reloaded.
final class TLSContext: Sendable {
    private struct State {
        var context: Handle
        var stamp: Stamp
        var generation = 0
    }

    /// `@unchecked Sendable`: Safe because OpenSSL counts references to a context atomically, and the context is not
    /// changed after its setup.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    /// Identifies the state of the files, to detect changes.
    private struct Stamp: Equatable {
        var files: [[Int]]
    }

    private let configuration: Server.TLSConfiguration
    private let logger: Logger
    private let state: Mutex<State>

    /// Throws `TLSError` if a file cannot be read or the key does not match the certificate.
    init(_ configuration: Server.TLSConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        let stamp = TLSContext.stamp(configuration)
        state = Mutex(State(context: try TLSContext.load(configuration), stamp: stamp))
    }

    deinit { state.withLock { SSL_CTX_free($0.context.pointer) } }

    /// How often the files were reloaded.
    var generation: Int { state.withLock(\.generation) }

    /// Creates a server session for a connected socket; nil if memory allocation fails.
    func makeSession(for descriptor: Int32) -> TLSSession? {
        state.withLock { state in SSL_new(state.context.pointer).map { TLSSession($0, descriptor: descriptor) } }
    }

    /// Reloads changed files for new connections. If the key does not match the certificate, keeps the previous pair
    /// until the files change again. Session tickets remain valid.
    func reloadIfChanged() {
        let stamp = TLSContext.stamp(configuration)
        guard state.withLock({ exchange(&$0.stamp, with: stamp) != stamp }) else { return }
        reload()
    }

    /// Reloads the files for new connections, whether or not they changed.
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

    /// Throws as `init` does.
    static func check(_ configuration: Server.TLSConfiguration) throws(TLSError) {
        SSL_CTX_free(try load(configuration).pointer)
    }

    private static func load(_ configuration: Server.TLSConfiguration) throws(TLSError) -> Handle {
        ERR_clear_error()
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw TLSError("out of memory") }
        do throws(TLSError) {
            guard copenssl_use_intermediate_profile(context) == 1 else {
                throw TLSError("OpenSSL does not support the TLS profile")
            }
            copenssl_spare_memory(context)
            copenssl_offer_http1(context)
            guard SSL_CTX_use_certificate_chain_file(context, configuration.certificateFile) == 1 else {
                throw TLSError("is not a readable certificate chain", file: configuration.certificateFile)
            }
            guard SSL_CTX_use_PrivateKey_file(context, configuration.keyFile, SSL_FILETYPE_PEM) == 1,
                SSL_CTX_check_private_key(context) == 1
            else { throw TLSError("is not a readable private key of the certificate", file: configuration.keyFile) }
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

/// Why a certificate or key cannot be used.
package struct TLSError: Error, Sendable, CustomStringConvertible {
    private let reason: String
    /// The file that cannot be used; nil if the error does not concern a file.
    package let file: String?

    init(_ reason: String, file: String? = nil) { (self.reason, self.file) = (reason, file) }

    /// The reason with the name of the file, never its content.
    package var description: String { (file.map { $0 + " " } ?? "") + reason }
}

/// Sets `variable` to `value` and returns the previous value.
private func exchange<Value>(_ variable: inout Value, with value: Value) -> Value {
    let old = variable
    variable = value
    return old
}
