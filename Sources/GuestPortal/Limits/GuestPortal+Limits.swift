import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Pages

extension GuestPortal {
    /// Seconds to wait before this request may cause a look-up of a device at a router; nil to continue. Such a request
    /// needs no proof, so the look-ups of each source are limited.
    func waitBeforeLookUp(_ request: Request) -> Int? { lookUps.take(request.client.countedAs, now: now()) }

    /// Throws the refusal with the seconds to wait if this request may not cause a look-up now.
    func limitLookUps(_ request: Request) throws(GuestRefusal) {
        if let seconds = waitBeforeLookUp(request) { throw GuestRefusal(.tries(seconds: seconds)) }
    }

    /// What the router reports of a device that has a session; `.noResponse` above the limit of the source, so that the
    /// guest waits on the status page. Other look-ups have their own limit and cannot use this one up.
    func lookUpDeviceWithinLimits(of ticket: GuestTicket, _ request: Request) async -> DeviceLookup {
        guard returns.take(request.client.countedAs, now: now()) == nil else { return .noResponse }
        return await lookUpDevice(of: ticket)
    }

    /// Seconds to wait before this attempt; nil to continue.
    ///
    /// A source or instance with very many attempts is not blocked, because its other guests could then not connect.
    /// Instead, the router must know the device at its address; if the router cannot tell, the attempt waits in a
    /// queue.
    func waitBeforeAttempt(_ limits: AttemptLimiter, of ticket: GuestTicket, _ request: Request) async -> Int? {
        let attempt = CodeAttempt(ticket, from: request.client)
        switch limits.begin(attempt, now: now()) {
        case .allowed: return nil
        case .wait(let seconds): return seconds
        case .needsProof: break
        }
        switch waitBeforeLookUp(request) == nil ? await lookUpDevice(of: ticket) : .noResponse {
        case .known: return nil
        case .unknown: return AttemptLimiter.proofRetry
        case .noResponse, .unsupported, .noRouter:
            // This fails if the client closed its connection; the code is not checked then.
            let hasWaited: Void? = try? await request.whileReplaceable { try await limits.waitInQueue(attempt) }
            return hasWaited == nil ? AttemptLimiter.proofRetry : nil
        }
    }
}
