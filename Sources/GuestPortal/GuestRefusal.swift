package import HTTPServer

/// A guest's request that leads to a page of its own instead of the one it asked for.
package struct GuestRefusal: Error, Sendable, Equatable {
    package var problem: GuestPage.Problem
    package var status: Status
    /// Where the page's button leads; nil for none.
    package var wayBack: String?

    package init(_ problem: GuestPage.Problem, status: Status? = nil, wayBack: String? = nil) {
        self.problem = problem
        self.status = status ?? GuestPage.problem(problem).status
        self.wayBack = wayBack
    }
}
