import Foundation
import Testing

/// Random histories of guests, coupons, a thief, a failing router and a portal that is killed. What they
/// check is in `Rules`: time granted is time bought, only its guest changes a session, a page that says “online” is
/// true, and router and database agree in the end.
///
/// `PORTICO_HISTORIES` sets how many are run, `PORTICO_HISTORY` the seed of a single one.
@Suite struct RandomHistories {
    private static let seeds: [UInt64] = {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["PORTICO_HISTORY"].flatMap({ UInt64($0) }) { return [seed] }
        return Array(1...(environment["PORTICO_HISTORIES"].flatMap { UInt64($0) } ?? 300))
    }()

    @Test func `no history breaks the rules of sessions`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let lanes = 2
            for lane in 0..<lanes {
                group.addTask {
                    for (index, seed) in Self.seeds.enumerated() where index % lanes == lane {
                        let history = try await History(seed: seed)
                        try await history.run(steps: 30)
                        guard history.broken.isEmpty else {
                            Issue.record(
                                "seed \(seed): \(history.broken.joined(separator: "; "))\n\(history.log.joined(separator: "\n"))"
                            )
                            return
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
