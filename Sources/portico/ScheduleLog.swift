import Captive
import ControlAPI
import Foundation
import Logging
import NetworkAddress
import Storage
import TimeZones

extension ScheduleWatch {
    /// The watch of a running portal. Logs its events, without codes.
    convenience init(store: Store, logger: Logger) {
        do { try ZoneDatabase.system.check() } catch { logger.error("schedules cannot run: \(error)") }
        self.init(store: store, zones: .system, codes: { ControlAPI.randomCode() }) { Self.log($0, logger) }
    }

    private static func log(_ event: Event, _ logger: Logger) {
        switch event {
        case .ran(let run):
            let late =
                run.dueAt.flatMap { due in run.schedule.lastRunAt.map { Int(saturating: $0.timeIntervalSince(due)) } }
                ?? 0
            logger.info(
                "schedule created coupons",
                metadata: [
                    "schedule": "\(run.schedule.id.text)", "instance": "\(run.schedule.instanceID.text)",
                    "count": "\(run.coupons.count)", "late": "\(late)",
                ])
        case .failed(let id, let error):
            logger.error(
                "schedule cannot create coupons; will retry",
                metadata: ["schedule": "\(id.text)", "error": "\(error)"])
        case .replanned(let count):
            logger.notice("schedules adjusted for a time-zone rule change", metadata: ["count": "\(count)"])
        case .stuck(let error):
            logger.error("cannot read schedules; will retry", metadata: ["error": "\(error)"])
        }
    }
}
