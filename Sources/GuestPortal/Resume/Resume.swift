import Captive
import Foundation
import HTTPServer
import Logging

/// A guest whose device shows another MAC address than before goes on with the time that is left.
extension GuestPortal {
    /// The status page of the session that this browser is marked with, once it has moved here;
    /// nil if there is none that may.
    func resumeMarked(_ ticket: GuestTicket, _ request: Request) async throws -> String? {
        guard let mark = tokens.openStay(of: request, now: now(), isSecure: publicURL.isSecure) else { return nil }
        let resumption = resumption(.mark(sessionID: mark.sessionID, moves: mark.moves), ticket)
        guard let session = try await books.resumptions.resumable(resumption), await isKnown(ticket),
            await hasLeft(session, for: ticket, request),
            case .resumed(let moved, let orders) = try await books.resumptions.resume(resumption)
        else { return nil }
        await carryOut(orders, for: ticket)
        note("session resumed", ticket, ["session": "\(moved.id.text)", "by": "cookie"])
        return tokens.statusPath(for: moved, ticket, mayEnd: true)
    }

    /// A guest's answer to the page that is a resume code.
    func resume(
        with code: ResumeCode, _ instance: Instance, _ ticket: GuestTicket, _ request: Request
    ) async throws -> Response {
        let resumption = resumption(.code(code), ticket)
        guard try await books.resumptions.resumable(resumption) != nil else {
            return refuse(.wrong, instance, request)
        }
        // A place that is none would cost the guest the place that it has.
        let known = await acquaintance(with: ticket)
        guard known.admitsCode else { return strange(known, instance, ticket, request) }
        switch try await books.resumptions.resume(resumption) {
        case .unknown: return refuse(.wrong, instance, request)
        case .occupied(let own):
            let path = tokens.statusPath(for: own, ticket, mayEnd: request.client == ticket.client.ip)
            return redirect(.seeOther, to: path)
        case .tooOften(let until):
            let seconds = Int(until.timeIntervalSince(now()).rounded(.up))
            return pages.response(.coupon(.tries(seconds: max(1, seconds))), of: instance, to: request)
        case .resumed(let session, let orders):
            tries.succeeded(CodeTry(ticket, from: request.client), now: now())
            await carryOut(orders, for: ticket)
            note("session resumed", ticket, ["session": "\(session.id.text)", "by": "code"])
            return redirect(.seeOther, to: tokens.statusPath(for: session, ticket, mayEnd: true))
        }
    }

    /// Gives the orders to the router and waits a little for the last, so that the status page can be told the truth.
    /// False if it is not done yet.
    @discardableResult
    func carryOut(_ orders: [GatewayOrder], for ticket: GuestTicket) async -> Bool {
        if ticket.doors.entrance != nil { await expectAtDoor(ticket) }
        for order in orders { delivery.submit(order) }
        guard let last = orders.last else { return true }
        return await delivery.wait(for: last.id, atMost: Self.patience)
    }

    /// Tells the gateway that the guest's browser is on its way to its door.
    func expectAtDoor(_ ticket: GuestTicket) async {
        let gateway = try? await gateways.gateway(for: ticket.siteID) as? any ForwardingGateway
        await gateway?.expect(ticket.client)
    }

    private func resumption(_ proof: Resumption.Proof, _ ticket: GuestTicket) -> Resumption {
        Resumption(
            proof: proof, instanceID: ticket.instanceID, siteID: ticket.siteID, client: ticket.client, now: now())
    }

    /// A link can lead a marked browser to the entry with somebody else's addresses in it. So the request must come
    /// from the address that asks to be let through, or the session's old device be gone from the router.
    private func hasLeft(_ session: GuestSession, for ticket: GuestTicket, _ request: Request) async -> Bool {
        if request.client == ticket.client.ip { return true }
        guard let gateway = try? await gateways.gateway(for: ticket.siteID) else { return false }
        do { return try await gateway.device(at: session.client.ip) != session.client.mac } catch { return false }
    }
}
