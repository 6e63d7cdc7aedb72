package import HTTPServer
package import Pages

/// A refused guest request; the guest sees a page about the problem instead of the requested page.
package struct GuestRefusal: Error, Sendable, Equatable {
    package var problem: GuestPage.Problem
    package var status: Status
    /// The address of the page's button; nil for no button.
    package var wayBack: String?

    package init(_ problem: GuestPage.Problem, status: Status? = nil, wayBack: String? = nil) {
        self.problem = problem
        self.status = status ?? GuestPage.problem(problem).status
        self.wayBack = wayBack
    }
}
