package import Captive
import Foundation
package import TimeZones

extension ControlAPI {
    /// What the API keeps its resources in, and finds revoked tokens in.
    package typealias Store = InstanceStore & AuthIntegrationStore & SiteStore & CouponStore & APITokenStore
        & SessionStore & SiteUserStore & WalledGardenStore & ImageStore & CouponScheduleStore
        & NotificationGroupStore & AuditTrail & IdempotencyStore

    /// Those who do the API's work. What `init` does not ask for has a default that does without it.
    package struct Roles: Sendable {
        package var store: any Store
        package var gateways: any GatewayDirectory
        package var gardens: any WalledGardenKeeper
        /// Opens and signs the portal's own tokens and addresses.
        package var sealer: Sealer
        /// Whose tokens are taken beside the portal's own.
        package var outside: OutsideIssuer?
        /// Given where this process also revokes tokens, which then counts at once.
        package var revocations: TokenRevocations?
        /// Shows signed lists of coupons to people.
        package var couponPages: CouponPages?
        /// The portal doctor; without one there is no such call.
        package var examiner: (any SiteExaminer)?
        /// Which routers workspaces may name.
        package var routerPolicy = RouterPolicy()
        /// How often a workspace may run its schedules itself.
        package var runsPerHour = 600
        package var zones = ZoneDatabase.system
        package var clock: WallClock = { Date() }
        /// Yields unforeseeable coupon codes.
        package var codes: @Sendable () -> CouponCode = { ControlAPI.randomCode() }

        package init(
            store: any Store, gateways: any GatewayDirectory, gardens: any WalledGardenKeeper, sealer: Sealer
        ) {
            self.store = store
            self.gateways = gateways
            self.gardens = gardens
            self.sealer = sealer
        }
    }
}
