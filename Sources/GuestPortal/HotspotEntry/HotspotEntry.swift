import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import Pages
import Storage

/// The entry to which a router redirects an intercepted guest. It seals the router's parameters in a ticket and
/// redirects the guest to the page.
extension GuestPortal {
    func enter(_ request: Request) async throws -> Response {
        let received = try request.method == .post ? request.formFields() : request.queryParameters()
        guard let siteID = request.pathParameters["siteId"].flatMap(UUID.init(uuidString:)) else {
            throw GuestRefusal(.network)
        }
        let forwarder = try? await gateways.gateway(for: siteID) as? any FASGateway
        if let answer = await forwarder?.pollResponse(to: { received[$0] }) { return .text(.ok, answer) }
        if let path = returnPath(received) { return redirect(.found, to: path) }
        let (fields, authURLs) = try await translated(received, by: forwarder, siteID, request)
        let address = try guestAddress(fields, request)
        guard let claim = try await instances.subnets().claim(at: siteID, address) else {
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

    /// Returns the portal's own fields, translated if the gateway uses others.
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

    /// Returns the status page from which openNDS redirected a guest that it had already authorized; nil for other
    /// requests.
    private func returnPath(_ fields: FormFields) -> String? {
        let start = publicURL.description + "/status?token="
        guard fields["status"] == "authenticated", let back = fields["redir"], back.hasPrefix(start) else { return nil }
        let token = String(back.dropFirst(start.count))
        return (try? tokens.openStatus(token)) == nil ? nil : "/status?token=" + token
    }

    /// Returns the status page of a running session, else the page, which explains how the previous session ended.
    private func nextStep(_ ticket: GuestTicket, _ request: Request) async throws -> String {
        let latest = try await store.latestSession(of: ticket.client.mac, at: ticket.siteID)
        if let latest, let path = try await restoreSession(latest, ticket, request) { return path }
        if let path = try await resumeMarked(ticket, request) { return path }
        let departure = try await store.departure(
            from: ticket.client.mac, at: ticket.siteID, of: ticket.instanceID, now: now())
        let ending = GuestPage.Ending.last(after: latest, departure, at: ticket.instanceID, now: now())
        return tokens.preauthPath(for: ticket) + (ending.map { "&after=" + $0.rawValue } ?? "")
    }

    /// Restores the running session of an intercepted device (its router has restarted, or the device has another
    /// address), if the router knows the device at that address. Returns the path of the status page; nil if there is
    /// nothing to restore. If the router already holds the session, nothing changes: a request with another device's
    /// addresses has no effect. While the router does not answer, the status page waits for it and does not ask for
    /// another code.
    func restoreSession(
        _ session: GuestSession, _ ticket: GuestTicket, _ request: Request, mayEnd: Bool = false,
        known: DeviceLookup? = nil
    ) async throws -> String? {
        guard session.isRunning(at: now()), session.instanceID == ticket.instanceID,
            session.client.mac == ticket.client.mac, session.status == .active || session.client == ticket.client
        else { return nil }
        var ownership = ownership(ticket, request)
        let known = if let known { known } else { await lookUpDeviceWithinLimits(of: ticket, request) }
        switch known {
        // Otherwise a client with another device's addresses would be authorized at the gateway.
        case .unknown, .unsupported, .noRouter: return nil
        case .noResponse:
            let mayEnd = mayEnd || ownership.covers(session, at: ticket.client)
            return tokens.statusPath(for: session, ticket, mayEnd: mayEnd, awaitsRouter: true)
        case .known: ownership.isKnown = true
        }
        var here = session
        here.client = ticket.client
        let isHeld = session.client == ticket.client ? await isHeld(session) : false
        if !isHeld {
            guard try await store.recapture(session.id, at: ticket.client, now: now()) != nil else {
                return nil
            }
            await awaitRouter(for: ticket)
        }
        return tokens.statusPath(for: here, ticket, mayEnd: mayEnd || ownership.covers(here, at: ticket.client))
    }

    /// Returns true if the router authorizes an active session's device at its address. Also true if the router cannot
    /// tell: a request that names the device must not change its session then.
    private func isHeld(_ session: GuestSession) async -> Bool {
        guard session.status == .active, let gateway = try? await gateways.gateway(for: session.siteID) else {
            return false
        }
        return (try? await gateway.holds(session.client)) ?? true
    }

    /// Returns the address that the router named, else the source address of the request.
    private func guestAddress(_ fields: FormFields, _ request: Request) throws(GuestRefusal) -> IPAddress {
        guard let text = fields["ip"], !text.isEmpty else { return request.client }
        guard let address = IPAddress(text) else { throw GuestRefusal(.request) }
        return address.unmapped
    }

    /// Returns the device that the router named, else the device that the router knows at the address.
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

    /// A coupon's QR code transfers the code, in a field or in the intercepted address. Returns the query that fills it
    /// into the page's field.
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
