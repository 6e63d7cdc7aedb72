import Captive
import Foundation

/// A diagnosis for a terminal: what was found by part, what each kind of device will do, and a count at the end.
struct DiagnosisReport {
    let diagnosis: SiteDiagnosis

    private static let width = 100
    private static let titles = [
        "portal": "The portal", "site": "The site", "router": "The router", "sign-in": "Signing in",
    ]

    var text: String {
        let name = diagnosis.siteName.map { "\($0) (\(diagnosis.siteID.text))" } ?? diagnosis.siteID.text
        let groups = Finding.Check.allCases.map(\.group).reduce(into: [String]()) { known, group in
            if !known.contains(group) { known.append(group) }
        }
        let parts = groups.map(part).filter { !$0.isEmpty }
        return (["Portal doctor: \(name)"] + parts + [devices, summary]).joined(separator: "\n\n")
    }

    /// One line: how many of each, and whether guests get in.
    var summary: String {
        let counts = Finding.Severity.allCases.reversed().filter { $0 != .ok }.compactMap { severity -> String? in
            let count = diagnosis.findings.count { $0.severity == severity }
            guard count > 0 else { return nil }
            return severity == .advice ? "\(count) advice" : "\(count) \(severity.rawValue)\(count > 1 ? "s" : "")"
        }
        return counts.isEmpty ? "All is well." : counts.joined(separator: ", ") + "."
    }

    private func part(_ group: String) -> String {
        let findings = diagnosis.findings.filter { $0.check.group == group }
        guard !findings.isEmpty else { return "" }
        return ([Self.titles[group] ?? group] + Self.merged(findings).map(lines)).joined(separator: "\n")
    }

    /// What is said in the same words of several networks is said once, and then of which.
    private static func merged(_ findings: [Finding]) -> [Finding] {
        var merged: [Finding] = []
        for var finding in findings {
            let subject = finding.subject.flatMap { finding.summary.contains($0) ? nil : $0 }
            finding.subject = finding.device == nil ? subject : nil
            if let last = merged.last, let subject = finding.subject, last.says(the: finding) {
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
            lines += "\n" + Self.wrapped(remedy, first: "           To do: ", rest: "             ")
        }
        let details = "[\(finding.check.rawValue)] \(finding.evidence.joined(separator: "; "))"
        lines += "\n" + Self.wrapped(details, first: "           ", rest: "             ")
        return lines
    }

    private var devices: String {
        let lines = diagnosis.devices.map { verdict in
            let mark =
                switch verdict.outcome {
                case .works: "works"
                case .degraded: "HINDERED"
                case .fails: "FAILS"
                }
            let head = "  \(mark.padding(toLength: 9, withPad: " ", startingAt: 0))\(verdict.device.name)\n"
            return head + Self.wrapped(verdict.sees, first: "           ", rest: "           ")
        }
        return (["What guests' devices will do"] + lines).joined(separator: "\n")
    }

    /// Breaks a text between words, so that lines fit a terminal; a longer word stays whole.
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
    fileprivate func says(the other: Finding) -> Bool {
        (check, severity, summary, remedy, evidence)
            == (other.check, other.severity, other.summary, other.remedy, other.evidence)
    }
}
