import Foundation

/// Reasons why a file or folder of a setting cannot be used: a phrase with the path, or nil if it can.
enum FileProblem {
    static func file(_ path: String) -> String? {
        problem(path, isFolder: false, R_OK)
    }

    static func folder(_ path: String, isWritten: Bool = false) -> String? {
        problem(path, isFolder: true, isWritten ? R_OK | W_OK | X_OK : R_OK | X_OK)
    }

    /// Checks a database file, which may be missing.
    static func database(_ path: String) -> String? {
        access(path, F_OK) == 0 ? problem(path, isFolder: false, R_OK | W_OK) : nil
    }

    private static func problem(_ path: String, isFolder: Bool, _ rights: Int32) -> String? {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return access(path, F_OK) == 0 ? nil : reason(path, rights)
        }
        guard isDirectory.boolValue == isFolder else {
            return "\(path) is \(isFolder ? "not a folder" : "a folder, not a file")"
        }
        return access(path, rights) == 0 ? nil : reason(path, rights)
    }

    private static func reason(_ path: String, _ rights: Int32) -> String {
        switch errno {
        case ENOENT: "\(path) does not exist"
        case EACCES where rights & W_OK != 0: "\(path) may not be written by the user that runs the portal"
        case EACCES: "\(path) may not be read by the user that runs the portal"
        case EROFS: "\(path) is on a file system that is mounted read-only"
        case let code: "\(path) cannot be used: \(String(cString: strerror(code)))"
        }
    }
}
