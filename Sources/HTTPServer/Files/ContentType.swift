/// Media types by file name extension.
enum ContentType {
    /// The type of a file called `name`; `application/octet-stream` for an unknown extension.
    static func of(_ name: String) -> String {
        let suffix = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[suffix] ?? "application/octet-stream"
    }

    /// Whether files of `type` are worth compressing.
    static func isCompressible(_ type: String) -> Bool {
        type.hasPrefix("text/")
            || ["json", "svg+xml", "manifest", "xml", "octet-stream"].contains { type.contains($0) }
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "txt": "text/plain; charset=utf-8", "json": "application/json", "webmanifest": "application/manifest+json",
        "xml": "application/xml", "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
        "gif": "image/gif", "webp": "image/webp", "avif": "image/avif", "ico": "image/x-icon", "woff": "font/woff",
        "woff2": "font/woff2", "ttf": "font/ttf", "pdf": "application/pdf",
    ]
}
