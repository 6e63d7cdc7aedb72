import Captive
import HTTPServer
import NetworkAddress
import Pages
import Storage

/// The proofs of a request: the browser's cookie, and the router's answer about the device that the request names.
extension GuestPortal {
    /// Returns the proofs of the request for sessions of the ticket's device, before the router is asked.
    func ownership(_ ticket: GuestTicket, _ request: Request) -> Ownership {
        Ownership(
            mark: tokens.openStay(of: request, now: now(), isSecure: publicURL.isSecure), sessionID: ticket.owns,
            source: request.client)
    }

    /// Returns true if the request proves that `session` belongs to its guest. Asks the router only if its answer
    /// decides.
    func owns(_ session: GuestSession, _ ticket: GuestTicket, _ request: Request) async -> Bool {
        var ownership = ownership(ticket, request)
        if !ownership.covers(session, at: ticket.client), ownership.needsRouter(for: session, at: ticket.client) {
            ownership.isKnown = await isKnown(ticket)
        }
        return ownership.covers(session, at: ticket.client)
    }

    /// The router's answer about a ticket's pair of MAC and IP address.
    enum DeviceLookup {
        case known, unknown
        /// The router did not answer.
        case noResponse
        /// The router does not report which device has which address.
        case unsupported
        /// There is no router to ask.
        case noRouter

        /// Whether the session's code may move it to the client: a router without addresses has no other proof.
        var admitsCode: Bool { self == .known || self == .unsupported }
    }

    func lookUpDevice(of ticket: GuestTicket) async -> DeviceLookup {
        do {
            guard let gateway = try await gateways.gateway(for: ticket.siteID), gateway.seesDevices else {
                return .noRouter
            }
            return try await gateway.device(at: ticket.client.ip) == ticket.client.mac ? .known : .unknown
        } catch GatewayError.unsupported {
            return .unsupported
        } catch {
            return .noResponse
        }
    }

    /// Returns true if the router has the ticket's pair now.
    func isKnown(_ ticket: GuestTicket) async -> Bool { await lookUpDevice(of: ticket) == .known }

    /// Refuses a form of another site, and a ticket that another device sends: otherwise one guest's page could be
    /// given to another guest.
    ///
    /// Browsers name the origin of a form in `Sec-Fetch-Site` over https (Fetch Metadata, section 2.1) and in `Origin`
    /// (RFC 6454 section 7), which is `null` for a page without referrer. A request with neither field passes.
    func refuseForeign(_ request: Request, _ ticket: GuestTicket? = nil) async throws {
        let origin = request.headers["Origin"]
        guard [nil, "none", "same-origin"].contains(request.headers["Sec-Fetch-Site"]),
            origin == nil || origin == "null" || origin == publicURL.description
        else { throw GuestRefusal(.foreign, wayBack: "/") }
        if let ticket, await isCarriedByAnother(ticket, request) { throw GuestRefusal(.foreign, wayBack: "/") }
    }

    /// Returns true if the request comes from another device of the ticket's network: the router knows that device by
    /// another MAC address, or does not answer. A request from elsewhere, such as through a translated address, is not
    /// evidence of another device.
    private func isCarriedByAnother(_ ticket: GuestTicket, _ request: Request) async -> Bool {
        guard request.client != ticket.client.ip,
            (try? await instances.subnets())?.claim(at: ticket.siteID, request.client) != nil,
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
