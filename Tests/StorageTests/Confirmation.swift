import Captive
import Foundation

extension AccessStore {
    /// Confirms the next step for the device, as the reconciler does after the router has carried it out. Returns true
    /// if nothing is left to do.
    @discardableResult
    func confirmNext(for device: SiteDevice, now: Date) async throws -> Bool {
        switch try await state(of: device).next(at: now) {
        case .authorize(let grant): try await confirm(grant, now: now)
        case .deauthorize: try await confirmRevocation(of: device, now: now)
        case .refuse(let grant):
            try await refuse(
                grant, reason: GuestSession.EndReason.occupied.rawValue, mayHaveBegun: false, now: now)
        case .wait, .settled: try await settle(device, now: now)
        }
    }
}
