// TimeZones owns the IANA time zone database as the system keeps it: zone files (TZif, RFC 9636), the rules they end
// with, and the arithmetic of days. Foundation brings a database of its own, which is as old as the toolchain; this one
// is what the system's updates keep true.
//
// Reading order: ZoneDatabase, ZoneRules, ZoneFile, POSIXRule, CivilDate.

import Foundation

/// The system's time zones: a folder of zone files, read when they are asked for, so that an update counts at once.
package struct ZoneDatabase: Sendable {
    /// The folder; without a slash at its end.
    package let directory: String

    /// Why a zone's rules cannot be had.
    package enum Failure: Error, Equatable {
        /// There is no time zone database in the folder.
        case missing(directory: String)
        case unknown(zone: String)
        /// The file is malformed, or of a kind that no database has.
        case damaged(zone: String)
    }

    package init(directory: String) { self.directory = directory }

    /// Where `TZDIR` says, else where every Linux distribution puts it (tzset(3)).
    package static var system: ZoneDatabase {
        let folder = ProcessInfo.processInfo.environment["TZDIR"].flatMap { $0.isEmpty ? nil : $0 }
        return ZoneDatabase(directory: folder ?? "/usr/share/zoneinfo")
    }

    /// The rules of a zone such as `Europe/Berlin`. Reads a file of a few kilobytes.
    package func rules(of zone: String) throws(Failure) -> ZoneRules {
        guard Self.isName(zone), let bytes = FileManager.default.contents(atPath: "\(directory)/\(zone)") else {
            try check()
            throw .unknown(zone: zone)
        }
        guard let rules = ZoneRules(file: Array(bytes)) else { throw .damaged(zone: zone) }
        return rules
    }

    /// Throws unless there is a database, known by the one zone that every one has.
    package func check() throws(Failure) {
        guard FileManager.default.fileExists(atPath: directory + "/Etc/UTC") else {
            throw .missing(directory: directory)
        }
    }

    /// Every zone's name, in order. Lists a few dozen folders.
    package var zones: [String] {
        guard let paths = FileManager.default.enumerator(atPath: directory) else { return [] }
        return paths.compactMap { $0 as? String }.filter {
            Self.isName($0) && !isFolder($0)
        }.sorted()
    }

    /// Letters, digits, `_ + -` and slashes between, beginning with a capital: what else lies in the folder is no zone.
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
