import Captive
import HTTPServer
import NetworkAddress

/// What a request proves: whose browser sent it, and what its router says of the device that it names.
extension GuestPortal {
    /// What the request shows of the sessions of the ticket's device, before the router is asked.
    func ownership(_ ticket: GuestTicket, _ request: Request) -> Ownership {
        Ownership(
            mark: tokens.openStay(of: request, now: now(), isSecure: publicURL.isSecure), sessionID: ticket.owns,
            source: request.client)
    }

    /// Whether `session` is the guest's. Asks the router only where its word decides.
    func owns(_ session: GuestSession, _ ticket: GuestTicket, _ request: Request) async -> Bool {
        var ownership = ownership(ticket, request)
        if !ownership.covers(session, at: ticket.client), ownership.needsRouter(for: session, at: ticket.client) {
            ownership.isKnown = await isKnown(ticket)
        }
        return ownership.covers(session, at: ticket.client)
    }

    /// What a router says of a ticket's pair of MAC and IP address.
    enum Acquaintance {
        case known, unknown
        /// It could not be asked.
        case unanswered
        /// It never tells who is where.
        case untold
        /// There is none that could be asked.
        case noRouter

        /// Whether a session may go there whose guest has its code: a router that never tells has no other proof.
        var admitsCode: Bool { self == .known || self == .untold }
    }

    func acquaintance(with ticket: GuestTicket) async -> Acquaintance {
        do {
            guard let gateway = try await gateways.gateway(for: ticket.siteID), gateway.seesDevices else {
                return .noRouter
            }
            return try await gateway.device(at: ticket.client.ip) == ticket.client.mac ? .known : .unknown
        } catch GatewayError.unsupported {
            return .untold
        } catch {
            return .unanswered
        }
    }

    /// True if the router holds the ticket's pair now.
    func isKnown(_ ticket: GuestTicket) async -> Bool { await acquaintance(with: ticket) == .known }

    /// Refuses a form that another site has sent, and a ticket that another device carries: the page of one guest could
    /// be put before another.
    ///
    /// Browsers tell where a form is from by `Sec-Fetch-Site` over https (Fetch Metadata, section 2.1) and by `Origin`
    /// (RFC 6454 section 7), which is `null` for a page without referrer; one that tells nothing is let pass.
    func refuseForeign(_ request: Request, _ ticket: GuestTicket? = nil) async throws {
        let origin = request.headers["Origin"]
        guard [nil, "none", "same-origin"].contains(request.headers["Sec-Fetch-Site"]),
            origin == nil || origin == "null" || origin == publicURL.description
        else { throw GuestRefusal(.foreign, wayBack: "/") }
        if let ticket, await isCarriedByAnother(ticket, request) { throw GuestRefusal(.foreign, wayBack: "/") }
    }

    /// Whether the request comes from another device of the ticket's network, which the router knows by another MAC
    /// address, or cannot tell while it does not answer. A request from elsewhere, such as through a translated
    /// address, tells nothing.
    private func isCarriedByAnother(_ ticket: GuestTicket, _ request: Request) async -> Bool {
        guard request.client != ticket.client.ip,
            (try? await books.instances.subnets())?.claim(at: ticket.siteID, request.client) != nil,
            let gateway = try? await gateways.gateway(for: ticket.siteID), gateway.seesDevices
        else { return false }
        do {
            let carrier = try await gateway.device(at: request.client)
            return carrier != nil && carrier != ticket.client.mac
        } catch GatewayError.unsupported {
            return false
        } catch {
            return true
        }
    }
}
