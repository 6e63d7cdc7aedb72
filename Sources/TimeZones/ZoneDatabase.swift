// TimeZones reads the system's IANA time zone database: zone files (TZif, RFC 9636) with their POSIX rules, and
// computes with days. Foundation's own database is as old as the toolchain; the system's database receives updates.
//
// Reading order: ZoneDatabase, ZoneRules, ZoneFile, POSIXRule, CivilDate.

import Foundation

/// A folder of zone files. Files are read on each request, so that updates take effect at once.
package struct ZoneDatabase: Sendable {
    /// Path of the folder, without a trailing slash.
    package let directory: String

    /// Why the rules of a zone cannot be read.
    package enum Failure: Error, Equatable {
        /// There is no time zone database in the folder.
        case missing(directory: String)
        case unknown(zone: String)
        /// The file is malformed or has an unsupported form.
        case damaged(zone: String)
    }

    package init(directory: String) { self.directory = directory }

    /// The folder in the environment variable `TZDIR`, otherwise the default of Linux distributions (tzset(3)).
    package static var system: ZoneDatabase {
        let folder = ProcessInfo.processInfo.environment["TZDIR"].flatMap { $0.isEmpty ? nil : $0 }
        return ZoneDatabase(directory: folder ?? "/usr/share/zoneinfo")
    }

    /// Reads the rules of a zone such as `Europe/Berlin`, from a file of a few kilobytes.
    package func rules(of zone: String) throws(Failure) -> ZoneRules {
        guard Self.isName(zone), let bytes = FileManager.default.contents(atPath: "\(directory)/\(zone)") else {
            try check()
            throw .unknown(zone: zone)
        }
        guard let rules = ZoneRules(file: Array(bytes)) else { throw .damaged(zone: zone) }
        return rules
    }

    /// Throws `.missing` unless the folder contains `Etc/UTC`, which every database has.
    package func check() throws(Failure) {
        guard FileManager.default.fileExists(atPath: directory + "/Etc/UTC") else {
            throw .missing(directory: directory)
        }
    }

    /// The names of all zones, sorted. Lists a few dozen folders.
    package var zones: [String] {
        guard let paths = FileManager.default.enumerator(atPath: directory) else { return [] }
        return paths.compactMap { $0 as? String }.filter {
            Self.isName($0) && !isFolder($0)
        }.sorted()
    }

    /// Whether `text` can be the name of a zone: segments of letters, digits, `_`, `+` and `-` that begin with a
    /// capital, separated by slashes. Other files in the folder are not zones.
    private static func isName(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                $0.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
                    && $0.utf8.allSatisfy { byte in
                        (0x41...0x5A).contains(byte & 0xDF) || (0x30...0x39).contains(byte)
                            || "_+-".utf8.contains(byte)
                    }
            }
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: "\(directory)/\(path)", isDirectory: &isFolder)
            && isFolder.boolValue
    }
}

extension ZoneDatabase.Failure: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let directory): "there is no time zone database in \(directory); install the package tzdata"
        case .unknown(let zone): "the time zone database has no zone \(zone)"
        case .damaged(let zone): "the file of the time zone \(zone) is damaged; reinstall the package tzdata"
        }
    }
}
