import Captive
import Foundation
import Testing
import TimeZones

/// Compares thousands of recurrences with the results of Python's `zoneinfo` and the same zone files.
@Suite(.enabled(if: Python.hasZones, "python3 with zoneinfo is needed"))
struct SecondOpinionTests {
    private static let count = 6_000

    @Test(arguments: [1, 20_261_121])
    func `Python computes the same next run in every case`(seed: Int) throws {
        let lines = try Self.cases(seed: seed)
        #expect(lines.count == Self.count)
        for line in lines {
            let (recurrence, after, expected) = try Self.parse(line)
            let rules = try ZoneDatabase.system.rules(of: recurrence.timeZone)
            let next = Int(recurrence.next(after: Date(timeIntervalSince1970: after), by: rules).timeIntervalSince1970)
            #expect(next == expected, "\(line)")
        }
    }

    private static func parse(_ line: Substring) throws -> (Recurrence, after: Double, next: Int) {
        let words = line.split(separator: " ")
        try #require(words.count == 7)
        let recurrence = Recurrence(
            try #require(Recurrence.Kind(rawValue: String(words[1]))), dayOfWeek: Int(words[2]),
            dayOfMonth: Int(words[3]), at: try #require(TimeOfDay(String(words[4]))), in: String(words[0]))
        return (try #require(recurrence), try #require(Double(words[5])), try #require(Int(words[6])))
    }

    private static func cases(seed: Int) throws -> [Substring] {
        let script = try #require(Bundle.module.path(forResource: "zoneinfo_cases", ofType: "py"))
        return try Python.run([script, ZoneDatabase.system.directory, String(count), String(seed)]).split(
            separator: "\n")
    }
}

/// The system's Python.
private enum Python {
    static let hasZones = (try? run(["-c", "import zoneinfo; print('yes')"])) == "yes\n"

    static func run(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Failed() }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Failed: Error {}
}
