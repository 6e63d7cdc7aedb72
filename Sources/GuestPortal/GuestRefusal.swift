package import HTTPServer

/// Why a guest gets a page that leads nowhere by itself: each case has words of its own in every language.
package struct GuestRefusal: Error, Sendable, Equatable {
    package enum Reason: String, Sendable, CaseIterable {
        /// The address is not one that the portal made, or was cut on the way.
        case linkMalformed
        /// The address was good, and is too old.
        case linkExpired
        /// No site has that id, or no instance claims the guest's address there.
        case unknownNetwork
        /// The router has not told which device this is.
        case unknownDevice
        /// The request itself is not understandable.
        case badRequest
        /// There is no such page.
        case notFound
        case internalError
    }

    package var reason: Reason
    package var status: Status
    /// Where the page's button leads; nil for none.
    package var wayBack: String?

    package init(_ reason: Reason, status: Status? = nil, wayBack: String? = nil) {
        self.reason = reason
        self.wayBack = wayBack
        self.status =
            status
            ?? {
                switch reason {
                case .linkMalformed, .linkExpired, .badRequest: .badRequest
                case .unknownNetwork, .unknownDevice, .notFound: .notFound
                case .internalError: .internalServerError
                }
            }()
    }
}
