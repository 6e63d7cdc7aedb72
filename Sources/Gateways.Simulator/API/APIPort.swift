package import HTTPServer
internal import COpenSSL

/// A port on which a simulated router serves its API.
package struct APIPort: Sendable {
    /// Port 0 lets the system choose.
    package var address: SocketAddress
    package var security: Security

    /// How connections are secured.
    package enum Security: Sendable {
        /// The service `api`.
        case plain
        /// The service `api-ssl` with a certificate.
        case tls(Server.TLSConfiguration)
        /// The service `api-ssl` in its factory settings, without a certificate: TLS 1.2 with anonymous key exchange.
        case anonymous
    }

    /// A plain port unless `security` is given.
    package init(_ address: SocketAddress, security: Security = .plain) {
        self.address = address
        self.security = security
    }
}

extension APIPort.Security {
    /// Returns nil for a plain port. Throws if OpenSSL does not accept the certificate, its key or the ciphers.
    func context() throws -> APISecurity? {
        switch self {
        case .plain: nil
        case .tls(let files): try APISecurity(files)
        case .anonymous: try APISecurity(nil)
        }
    }
}

/// OpenSSL's context of a port. Safe because OpenSSL counts references to it atomically, and it is not changed after
/// its setup.
final class APISecurity: @unchecked Sendable {
    private let context: OpaquePointer

    struct Failure: Error {
        let reason: String
    }

    /// Pass nil for a port without a certificate.
    init(_ files: Server.TLSConfiguration?) throws {
        guard let context = SSL_CTX_new(TLS_server_method()) else { throw Failure(reason: "out of memory") }
        self.context = context
        let isReady: Bool
        if let files {
            isReady =
                SSL_CTX_use_certificate_chain_file(context, files.certificateFile) == 1
                && SSL_CTX_use_PrivateKey_file(context, files.keyFile, SSL_FILETYPE_PEM) == 1
        } else {
            isReady = SSL_CTX_set_cipher_list(context, "ADH-AES128-SHA256:@SECLEVEL=0") == 1
            SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
            SSL_CTX_ctrl(context, SSL_CTRL_SET_DH_AUTO, 1, nil)
        }
        guard isReady else { throw Failure(reason: "certificate, key or ciphers cannot be used") }
    }

    deinit { SSL_CTX_free(context) }

    /// Creates a session for the socket, before its handshake.
    func session(_ descriptor: Int32) -> OpaquePointer? {
        let session = SSL_new(context)
        SSL_set_fd(session, descriptor)
        return session
    }
}
