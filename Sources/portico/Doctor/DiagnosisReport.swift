import Captive
import Doctor
import Foundation

/// A diagnosis as text for a terminal: findings by group, the result of each kind of device, and a summary.
struct DiagnosisReport {
    let diagnosis: SiteDiagnosis

    private static let width = 100
    private static let titles = [
        "portal": "Portal", "site": "Site", "router": "Router", "sign-in": "Sign-in",
    ]

    var text: String {
        let name = diagnosis.siteName.map { "\($0) (\(diagnosis.siteID.text))" } ?? diagnosis.siteID.text
        let groups = Finding.Check.allCases.map(\.group).reduce(into: [String]()) { known, group in
            if !known.contains(group) { known.append(group) }
        }
        let parts = groups.map(part).filter { !$0.isEmpty }
        return (["Portal doctor: \(name)"] + parts + [devices, summary]).joined(separator: "\n\n")
    }

    /// The number of findings by severity, as one line.
    var summary: String {
        let counts = Finding.Severity.allCases.reversed().filter { $0 != .ok }.compactMap { severity -> String? in
            let count = diagnosis.findings.count { $0.severity == severity }
            guard count > 0 else { return nil }
            return severity == .advice ? "\(count) advice" : "\(count) \(severity.rawValue)\(count > 1 ? "s" : "")"
        }
        return counts.isEmpty ? "No problems found." : counts.joined(separator: ", ") + "."
    }

    private func part(_ group: String) -> String {
        let findings = diagnosis.findings.filter { $0.check.group == group }
        guard !findings.isEmpty else { return "" }
        return ([Self.titles[group] ?? group] + Self.merged(findings).map(lines)).joined(separator: "\n")
    }

    /// Merges findings that differ in their subject only, and lists the subjects.
    private static func merged(_ findings: [Finding]) -> [Finding] {
        var merged: [Finding] = []
        for var finding in findings {
            let subject = finding.subject.flatMap { finding.summary.contains($0) ? nil : $0 }
            finding.subject = finding.device == nil ? subject : nil
            if let last = merged.last, let subject = finding.subject, last.matches(finding) {
                merged[merged.count - 1].subject?.append(", \(subject)")
            } else {
                merged.append(finding)
            }
        }
        return merged
    }

    private func lines(_ finding: Finding) -> String {
        let mark = finding.severity == .ok ? "ok" : finding.severity.rawValue.uppercased()
        let head = "  " + mark.padding(toLength: 9, withPad: " ", startingAt: 0)
        let subject = finding.subject.map { " (\($0))" } ?? ""
        var lines = Self.wrapped(finding.summary + subject, first: head, rest: "           ")
        guard finding.severity != .ok else { return lines }
        if let remedy = finding.remedy {
            lines += "\n" + Self.wrapped(remedy, first: "           Fix: ", rest: "             ")
        }
        let details = "[\(finding.check.rawValue)] \(finding.evidence.joined(separator: "; "))"
        lines += "\n" + Self.wrapped(details, first: "           ", rest: "             ")
        return lines
    }

    private var devices: String {
        let lines = diagnosis.devices.map { result in
            let mark =
                switch result.outcome {
                case .works: "works"
                case .degraded: "DEGRADED"
                case .fails: "FAILS"
                }
            let head = "  \(mark.padding(toLength: 9, withPad: " ", startingAt: 0))\(result.device.name)\n"
            return head + Self.wrapped(result.guestSees, first: "           ", rest: "           ")
        }
        return (["Guests' devices"] + lines).joined(separator: "\n")
    }

    /// Wraps a text between words at 100 columns. A longer word is not split.
    static func wrapped(_ text: String, first: String, rest: String) -> String {
        var lines: [String] = []
        var line = first
        var isFresh = true
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !isFresh, line.count + word.count + 1 > width {
                lines.append(line)
                (line, isFresh) = (rest, true)
            }
            line += (isFresh ? "" : " ") + word
            isFresh = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}

extension Finding {
    fileprivate func matches(_ other: Finding) -> Bool {
        (check, severity, summary, remedy, evidence)
            == (other.check, other.severity, other.summary, other.remedy, other.evidence)
    }
}
