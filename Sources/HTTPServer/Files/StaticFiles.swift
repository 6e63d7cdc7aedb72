internal import Glibc
internal import Synchronization

/// Files below one or more directories, cached with their entity tags and compressed forms.
///
/// The first directory that has a file wins. Files outside the directories are not served: `..`, names with a leading
/// dot and symbolic links to the outside are 404. Files over 16 MiB are not served.
/// A changed file is served within a second.
package struct StaticFiles: Sendable {
    private let roots: [String]
    private let cache = FileCache()

    private static let largestFile = 16 << 20

    /// Directories that do not exist are skipped.
    package init(directories: [String]) { roots = directories.compactMap(StaticFiles.resolved) }

    /// Returns 200 or 304 for the file at `path` below the mount point (with or without a leading `/`), 404 if there is
    /// no such file, and 405 unless the method is GET or HEAD.
    package func respond(to request: Request, path: String) -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Response.text(.methodNotAllowed, "only GET and HEAD\n")
            response.headers["Allow"] = "GET, HEAD"
            return response
        }
        guard let file = file(path) else { return .text(.notFound, "not found\n") }
        return file.response(to: request)
    }

    private func file(_ path: String) -> ServedFile? {
        let segments = path.split(separator: "/")
        let isPlain = segments.allSatisfy { !$0.hasPrefix(".") && !$0.utf8.contains(where: \.isControl) }
        guard !segments.isEmpty, isPlain else { return nil }
        let name = segments.joined(separator: "/")
        let now = MonotonicTime.now
        if let recent = cache.recent(name, now) { return recent }
        for root in roots {
            guard let realPath = StaticFiles.resolved(root + "/" + name), realPath.hasPrefix(root + "/"),
                let stamp = FileStamp(realPath), stamp.size <= StaticFiles.largestFile
            else { continue }
            return cache.file(name, stamp, now) {
                StaticFiles.content(of: realPath).map { ServedFile(name: name, content: $0) }
            }
        }
        cache.evict(name)
        return nil
    }

    /// The path with symbolic links resolved; nil if it does not exist.
    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static func content(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= largestFile {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return count == 0 ? content : nil }
            content += piece[..<count]
        }
        return nil
    }
}

/// Identifies a state of a regular file, to detect changes.
struct FileStamp: Equatable, Sendable {
    let size: Int
    private let inode: UInt
    private let seconds: Int
    private let nanoseconds: Int

    /// Returns nil unless a regular file is at `path`.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int(status.st_size)
        inode = UInt(status.st_ino)
        (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
    }
}

/// Recently requested files; each is checked for changes once a second.
private final class FileCache: Sendable {
    private struct Entry {
        let file: ServedFile
        let stamp: FileStamp
        var checked: MonotonicTime
    }

    private let entries = Mutex<[String: Entry]>([:])

    private static let recheck = Duration.seconds(1)
    private static let mostBytes = 64 << 20

    /// The cached file; nil if it was last checked more than a second ago.
    func recent(_ name: String, _ now: MonotonicTime) -> ServedFile? {
        entries.withLock { entries in
            guard let entry = entries[name], now < entry.checked + FileCache.recheck else { return nil }
            return entry.file
        }
    }

    /// Returns the cached file if its stamp is `stamp`, otherwise loads it.
    func file(_ name: String, _ stamp: FileStamp, _ now: MonotonicTime, load: () -> ServedFile?) -> ServedFile? {
        entries.withLock { entries in
            if let entry = entries[name], entry.stamp == stamp {
                entries[name]?.checked = now
                return entry.file
            }
            guard let file = load() else { return nil }
            if entries.values.reduce(stamp.size, { $0 + $1.stamp.size }) > FileCache.mostBytes { entries = [:] }
            entries[name] = Entry(file: file, stamp: stamp, checked: now)
            return file
        }
    }

    func evict(_ name: String) { entries.withLock { $0[name] = nil } }
}
