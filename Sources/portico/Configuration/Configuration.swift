import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import OAuth

/// The parsed settings. Created from a `SettingSource`; parsing reports all problems, not only the first.
struct Configuration: Sendable {
    var publicURL: PublicURL?
    var http: SocketAddress?
    var https: SocketAddress?
    var certificate: String?
    var key: String?
    var admin: SocketAddress?
    var database: Database
    /// Seals stored secrets, tokens and links.
    var sealer: Sealer
    var workers: Int
    var trustedProxies: [Subnet]
    var proxyProtocol: Bool
    /// Template folders in search order: the operator's before the built-in ones.
    var templates: [String]
    var assets: [String]
    var retentionDays: Int
    var auditDays: Int
    var triesPerMinute: Int
    var jsonBody: Int
    /// An external issuer of API tokens; nil if there is none.
    var outsideIssuer: OutsideIssuer?
    var limits: Server.Limits
    var oauth: OAuthSettings
    /// Nil if no mail server is configured.
    var mail: MailSettings?
    var allowsPrivateWebhooks: Bool
    /// The routers that workspaces may use.
    var routerPolicy: RouterPolicy
    var logLevel: Logger.Level
    var logFormat: LogFormat

    struct OutsideIssuer: Sendable {
        var keySetURL: String
        var issuer: String
        var audience: String
    }

    enum Database: Sendable {
        case sqlite(path: String)
        case postgresql
    }

    enum LogFormat: String, CaseIterable, Sendable {
        case text, json
    }
}

/// Invalid settings. Each line is one problem.
struct ConfigurationProblems: Error {
    var lines: [String]
}

extension Configuration {
    init(_ source: SettingSource) throws(ConfigurationProblems) {
        var reader = SettingReader(source)
        publicURL = reader.read(.publicURL, "an origin such as https://portal.example.org") { PublicURL($0) }
        http = reader.listener(.httpListen, default: "0.0.0.0:8080")
        https = reader.listener(.httpsListen, default: "off")
        certificate = https == nil ? nil : reader.file(.httpsCertificate)
        key = https == nil ? nil : reader.file(.httpsKey)
        admin = reader.listener(.adminListen, default: "127.0.0.1:9090")
        database =
            reader.read(.databaseURL, "sqlite://PATH or postgresql://…") { Database(url: $0) }
            ?? .sqlite(path: "portico.db")
        let keys = reader.required(.secretKeys, "comma-separated base64 keys of 32 bytes each", Self.keys) ?? []
        reader.check(Set(keys).count == keys.count) {
            "\(Setting.secretKeys.rawValue) (\(Setting.secretKeys.environmentName)): a key occurs more than once; "
                + "configure it once"
        }
        workers = reader.integer(.workers, 1...256) ?? ProcessInfo.processInfo.activeProcessorCount
        trustedProxies = reader.read(.trustedProxies, "comma-separated CIDRs") { Self.list($0) { Subnet($0) } } ?? []
        proxyProtocol = reader.flag(.proxyProtocol) ?? false
        templates = reader.directory(.templatesDirectory) + [ResourceLocator.path("Templates")].compactMap(\.self)
        assets = reader.directory(.publicDirectory) + [ResourceLocator.path("Public")].compactMap(\.self)
        retentionDays = reader.integer(.retentionDays, 1...3_650) ?? 90
        auditDays = reader.integer(.auditDays, 1...36_500) ?? 365
        triesPerMinute = reader.integer(.triesPerMinute, 1...1_000) ?? 10
        jsonBody = reader.integer(.bodyLimit, 1_024...104_857_600) ?? 1_048_576
        outsideIssuer = reader.outsideIssuer()
        limits = reader.serverLimits()
        oauth = reader.oauthSettings()
        mail = reader.mailSettings()
        allowsPrivateWebhooks = reader.flag(.webhooksAllowPrivate) ?? false
        routerPolicy = reader.routerPolicy()
        logLevel =
            reader.read(.logLevel, Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")) {
                Logger.Level(rawValue: $0)
            } ?? .info
        logFormat = reader.read(.logFormat, "text or json") { LogFormat(rawValue: $0) } ?? .text
        reader.check(https == nil || (certificate != nil && key != nil)) {
            "https.listen requires https.certificate and https.key"
        }
        reader.check(http != nil || https != nil) {
            "http.listen and https.listen are both off; set at least one"
        }
        guard reader.problems.isEmpty, let sealer = Sealer(keys: keys) else {
            throw ConfigurationProblems(lines: reader.problems)
        }
        self.sealer = sealer
    }

    /// Whether requests can arrive over TLS: at a listener, or at a trusted proxy.
    var endsTLS: Bool { https != nil || !trustedProxies.isEmpty }

    /// The certificate and key of the TLS listener; nil if there is none.
    var tls: Server.TLSConfiguration? {
        guard let certificate, let key else { return nil }
        return Server.TLSConfiguration(certificateFile: certificate, keyFile: key)
    }

    /// The problem of the setting whose file cannot be used for TLS.
    func problems(of error: TLSError) -> ConfigurationProblems {
        let setting = error.file == certificate ? Setting.httpsCertificate : .httpsKey
        return ConfigurationProblems(lines: ["\(setting.rawValue) (\(setting.environmentName)): \(error)"])
    }

    static func list<Value>(_ text: String, _ parse: (Substring) -> Value?) -> [Value]? {
        let parts = text.split(separator: ",").map { $0.trimmingPrefix(" ") }
        let values = parts.compactMap(parse)
        return values.count == parts.count ? values : nil
    }

    private static func keys(_ text: String) -> [[UInt8]]? {
        list(text) { part in Data(base64Encoded: String(part)).flatMap { $0.count == 32 ? Array($0) : nil } }
    }
}

extension Configuration.Database {
    init?(url: String) {
        if url.hasPrefix("sqlite://"), url.count > "sqlite://".count {
            self = .sqlite(path: String(url.dropFirst("sqlite://".count)))
        } else if url.hasPrefix("postgresql://") || url.hasPrefix("postgres://") {
            self = .postgresql
        } else {
            return nil
        }
    }
}
