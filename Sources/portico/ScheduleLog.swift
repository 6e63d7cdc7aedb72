import Captive
import ControlAPI
import Foundation
import Logging
import NetworkAddress
import TimeZones

extension ScheduleWatch {
    /// The watch of a running portal. What happens goes to the log, without codes.
    convenience init(store: any CouponScheduleStore, logger: Logger) {
        do { try ZoneDatabase.system.check() } catch { logger.error("schedules cannot run: \(error)") }
        self.init(store: store, zones: .system, codes: { ControlAPI.randomCode() }) { Self.note($0, logger) }
    }

    private static func note(_ event: Event, _ logger: Logger) {
        switch event {
        case .ran(let run):
            let late =
                run.dueAt.flatMap { due in run.schedule.lastRunAt.map { Int(saturating: $0.timeIntervalSince(due)) } }
                ?? 0
            logger.info(
                "coupons made by schedule",
                metadata: [
                    "schedule": "\(run.schedule.id.text)", "instance": "\(run.schedule.instanceID.text)",
                    "count": "\(run.coupons.count)", "late": "\(late)",
                ])
        case .failed(let id, let error):
            logger.error(
                "a schedule's coupons cannot be made, trying again",
                metadata: ["schedule": "\(id.text)", "error": "\(error)"])
        case .replanned(let count):
            logger.notice("runs moved, as the rules of their time zones say now", metadata: ["count": "\(count)"])
        case .stuck(let error):
            logger.error("schedules cannot be read, trying again", metadata: ["error": "\(error)"])
        }
    }
}
