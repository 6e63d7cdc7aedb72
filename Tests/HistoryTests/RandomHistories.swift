import Foundation
import Testing

/// Random histories of guests, coupons, a thief, a failing router and a portal that is killed. They check `Rules`:
/// granted time is bought time, only its guest changes a session, a page that shows “online” is correct, and router and
/// database agree in the end.
///
/// `PORTICO_HISTORIES` names the seeds: `5000` runs 1 to 5000, `5001-9000` that range, `859-859` a single one.
@Suite struct RandomHistories {
    private static let seeds: ClosedRange<UInt64> = {
        let bounds = (ProcessInfo.processInfo.environment["PORTICO_HISTORIES"] ?? "500")
            .split(separator: "-").compactMap { UInt64($0) }
        guard let last = bounds.last, let first = bounds.count == 1 ? 1 : bounds.first, first <= last else {
            preconditionFailure("PORTICO_HISTORIES is a number or two with a dash between them")
        }
        return first...last
    }()

    @Test func `no history breaks the rules of sessions`() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let lanes: UInt64 = 2
            for lane in 0..<lanes {
                group.addTask {
                    for seed in Self.seeds where seed % lanes == lane {
                        let history = try await History(seed: seed)
                        do {
                            try await history.run(steps: 30)
                        } catch {
                            Issue.record("seed \(seed): \(error)\n\(history.log.joined(separator: "\n"))")
                            return
                        }
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
