import Captive
import Doctor
import Foundation
import Testing

/// docs/doctor.md.
@Suite struct GuideTests {
    @Test func `the guide explains every check`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let guide = try String(contentsOf: root.appending(path: "docs/doctor.md"), encoding: .utf8)
        for check in Finding.Check.allCases { #expect(guide.contains("| `\(check.rawValue)` |"), "\(check.rawValue)") }
    }
}
