import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress

/// Where a router sends a captured guest: what it says goes into a sealed ticket, and the guest on to the page.
extension GuestPortal {
    func enter(_ request: Request) async throws -> Response {
        let told = try request.method == .post ? request.formFields() : request.queryParameters()
        guard let siteID = request.pathParameters["siteId"].flatMap(UUID.init(uuidString:)) else {
            throw GuestRefusal(.network)
        }
        let forwarder = try? await gateways.gateway(for: siteID) as? any FASGateway
        if let answer = await forwarder?.pollResponse(to: { told[$0] }) { return .text(.ok, answer) }
        if let path = returnPath(told) { return redirect(.found, to: path) }
        let (fields, authURLs) = try await translated(told, by: forwarder, siteID, request)
        let address = try guestAddress(fields, request)
        guard let claim = try await books.instances.subnets().claim(at: siteID, address) else {
            guard let path = try await statusPath(ofDeviceAt: address, siteID, request) else {
                throw GuestRefusal(.network)
            }
            return redirect(.found, to: path)
        }
        let ticket = GuestTicket(
            siteID: siteID, instanceID: claim.instanceID,
            client: GatewayClient(mac: try await device(fields, at: address, siteID, request), ip: address),
            destination: CapturedDestination(fields["link-orig"], portal: publicURL)?.url, authURLs: authURLs)
        return redirect(.found, to: try await nextStep(ticket, request) + prefill(fields))
    }

    /// The portal's own fields, where the gateway has others.
    private func translated(
        _ fields: FormFields, by gateway: (any FASGateway)?, _ siteID: UUID, _ request: Request
    ) async throws -> (FormFields, ClientAuthURLs) {
        guard fields["mac"] == nil, let gateway else { return (fields, ClientAuthURLs()) }
        do throws(GatewayError) {
            guard let guest = try await gateway.capturedGuest(in: { fields[$0] }, isSecure: request.isSecure) else {
                return (fields, ClientAuthURLs())
            }
            let (mac, ip) = (guest.client.mac.description, guest.client.ip.description)
            return (FormFields([("mac", mac), ("ip", ip), ("link-orig", guest.destination ?? "")]), guest.authURLs)
        } catch {
            logger.warning(
                "a gateway's words are not understood",
                metadata: ["site": "\(siteID.text)", "why": "\(error.explanation)"])
            throw GuestRefusal(.request)
        }
    }

    /// The status page that a guest came from, whom openNDS lets through already and sends here all the same.
    private func returnPath(_ fields: FormFields) -> String? {
        let start = publicURL.description + "/status?token="
        guard fields["status"] == "authenticated", let back = fields["redir"], back.hasPrefix(start) else { return nil }
        let token = String(back.dropFirst(start.count))
        return (try? tokens.openStatus(token)) == nil ? nil : "/status?token=" + token
    }

    /// Back to a session that runs, else to the page, which tells how the last stay ended.
    private func nextStep(_ ticket: GuestTicket, _ request: Request) async throws -> String {
        let latest = try await books.sessions.latestSession(of: ticket.client.mac, at: ticket.siteID)
        if let latest, let path = try await comeBack(to: latest, ticket, request) { return path }
        if let path = try await resumeMarked(ticket, request) { return path }
        let departure = try await books.resumptions.departure(
            from: ticket.client.mac, at: ticket.siteID, of: ticket.instanceID, now: now())
        let ending = GuestPage.Ending.last(after: latest, departure, at: ticket.instanceID, now: now())
        return tokens.preauthPath(for: ticket) + (ending.map { "&after=" + $0.rawValue } ?? "")
    }

    /// A device that is let through already and was caught all the same (its router has restarted, or it has another
    /// address now) gets its session back, if its router knows it at that address. What the router holds as it should
    /// is left alone: whoever names another's device at the entry changes nothing. While the router does not answer,
    /// the status page waits for it and asks for no other code.
    func comeBack(
        to session: GuestSession, _ ticket: GuestTicket, _ request: Request, mayEnd: Bool = false
    ) async throws -> String? {
        guard session.isRunning(at: now()), session.instanceID == ticket.instanceID,
            session.client.mac == ticket.client.mac, session.status == .active || session.client == ticket.client
        else { return nil }
        try limitReturns(request)
        var ownership = ownership(ticket, request)
        switch await acquaintance(with: ticket) {
        // Whoever makes up another's addresses would be let through at the gateway's door.
        case .unknown, .untold, .noRouter: return nil
        case .unanswered:
            let mayEnd = mayEnd || ownership.covers(session, at: ticket.client)
            return tokens.statusPath(for: session, ticket, mayEnd: mayEnd, awaitsRouter: true)
        case .known: ownership.isKnown = true
        }
        var here = session
        here.client = ticket.client
        let isHeld = session.client == ticket.client ? await isHeld(session) : false
        if !isHeld {
            guard try await books.sessions.recapture(session.id, at: ticket.client, now: now()) != nil else {
                return nil
            }
            await awaitRouter(for: ticket)
        }
        return tokens.statusPath(for: here, ticket, mayEnd: mayEnd || ownership.covers(here, at: ticket.client))
    }

    /// Whether the router lets an active session's device through where it is. True if the router cannot say: whoever
    /// names the device must not change its session then.
    private func isHeld(_ session: GuestSession) async -> Bool {
        guard session.status == .active, let gateway = try? await gateways.gateway(for: session.siteID) else {
            return false
        }
        return (try? await gateway.holds(session.client)) ?? true
    }

    /// The address that the router named, else the one that the guest comes from.
    private func guestAddress(_ fields: FormFields, _ request: Request) throws(GuestRefusal) -> IPAddress {
        guard let text = fields["ip"], !text.isEmpty else { return request.client }
        guard let address = IPAddress(text) else { throw GuestRefusal(.request) }
        return address.unmapped
    }

    /// The device that the router named, else the one that the router knows at the address.
    private func device(
        _ fields: FormFields, at address: IPAddress, _ siteID: UUID, _ request: Request
    ) async throws -> MACAddress {
        if let text = fields["mac"], !text.isEmpty {
            guard let mac = MACAddress(text) else { throw GuestRefusal(.request) }
            return mac
        }
        try limitLookUps(request)
        guard let mac = try? await gateways.gateway(for: siteID)?.device(at: address) else {
            throw GuestRefusal(.network)
        }
        return mac
    }

    /// A coupon's QR code brings the code along, in a field or in the address that the router caught; it goes on to the
    /// page's field.
    private func prefill(_ fields: FormFields) -> String {
        let code = fields["code"].flatMap(CouponCode.init(typed:)) ?? codeLink.code(in: fields["link-orig"])
        return code.map { "&code=" + $0.rawValue } ?? ""
    }

    func redirect(_ status: Status, to path: String) -> Response {
        var response = Response.redirect(status, to: publicURL.description + path)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response
    }
}
