import Captive
import Foundation
import HTTPServer
import NetworkAddress

extension GuestPortal {
    /// Seconds to wait before this request, which anybody can send, may have a router asked who is where; nil to go on.
    func waitBeforeLookUp(_ request: Request) -> Int? { lookUps.take(request.client.countedAs, now: now()) }

    /// The same as the page that says so.
    func limitLookUps(_ request: Request) throws(GuestRefusal) {
        if let seconds = waitBeforeLookUp(request) { throw GuestRefusal(.tries(seconds: seconds)) }
    }

    /// The same for a device that has a session, whose look-ups others do not use up.
    func limitReturns(_ request: Request) throws(GuestRefusal) {
        if let seconds = returns.take(request.client.countedAs, now: now()) {
            throw GuestRefusal(.tries(seconds: seconds))
        }
    }

    /// Seconds to wait before this try may be made; nil to go on.
    ///
    /// A source or instance of very many tries is not closed, which would lock its other guests out: there, a device
    /// must be one that the router knows at its address, or wait in a line where the router cannot tell.
    func waitBeforeTry(_ limits: TryLimits, of ticket: GuestTicket, _ request: Request) async -> Int? {
        let attempt = CodeTry(ticket, from: request.client)
        switch limits.begin(attempt, now: now()) {
        case .allowed: return nil
        case .wait(let seconds): return seconds
        case .needsProof: break
        }
        switch waitBeforeLookUp(request) == nil ? await acquaintance(with: ticket) : .unanswered {
        case .known: return nil
        case .unknown: return TryLimits.proofRetry
        case .unanswered, .untold, .noRouter:
            // It fails if the client has closed its connection: the code is not looked at then.
            let hasWaited: Void? = try? await request.whileReplaceable { try await limits.waitInLine(attempt) }
            return hasWaited == nil ? TryLimits.proofRetry : nil
        }
    }
}
