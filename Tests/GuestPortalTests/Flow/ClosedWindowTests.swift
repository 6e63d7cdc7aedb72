import Captive
import GuestPortal
import HTTPServer
import Testing

/// The router does not open the sign-in window.
struct ClosedWindowTests {
    @Test(arguments: [GatewayError.misconfigured("name-of-an-option"), .forbidden("name-of-a-right"), .unauthorized])
    func `a setup problem has its own page, without the operator’s details`(
        _ problem: GatewayError
    ) async throws {
        let page = try await page(for: problem)
        #expect(page.contains("The sign-in with Google isn’t set up correctly."))
        #expect(page.contains("ask the staff") && !page.contains("name-of"))
    }

    @Test(arguments: [GatewayError.unreachable("10.0.0.1"), .busy("starting")])
    func `a temporary problem has its own page`(_ problem: GatewayError) async throws {
        let page = try await page(for: problem)
        #expect(page.contains("The network equipment isn’t answering.") && page.contains("try again in a moment"))
        #expect(!page.contains("Your code") && !page.contains("10.0.0.1"))
    }

    private func page(for problem: GatewayError) async throws -> String {
        let hotel = try await SignInHotel(.google)
        let page = try await hotel.venue.enter()
        hotel.venue.router.fail(problem)
        let answer = try await hotel.venue.send(.post, page, form: "")
        #expect(answer.status == .serviceUnavailable && answer.headers["Location"] == nil)
        #expect(hotel.venue.reconciler.marked.isEmpty)
        await hotel.stop()
        return answer.text
    }
}
