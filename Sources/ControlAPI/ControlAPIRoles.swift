package import Captive
package import Doctor
import Foundation
package import Storage
package import TimeZones

extension ControlAPI {
    /// The dependencies of the API. Those that `init` does not take have defaults.
    package struct Roles: Sendable {
        package var store: Store
        package var gateways: any GatewayDirectory
        package var gardens: any WalledGardenReconciler
        /// Seals and signs the portal's tokens and URLs.
        package var sealer: Sealer
        /// An issuer whose tokens are accepted in addition to the portal's own.
        package var externalIssuer: ExternalIssuer?
        /// Set if this process also revokes tokens, so that a revocation takes effect immediately.
        package var revocations: TokenRevocations?
        /// Renders signed coupon lists as HTML.
        package var couponPages: CouponPages?
        /// The portal doctor; if nil, the API has no `/doctor` call.
        package var examiner: (any SiteExaminer)?
        /// Which routers workspaces may configure.
        package var routerPolicy = RouterPolicy()
        /// How many times per hour a workspace may run its schedules by API call.
        package var runsPerHour = 600
        package var zones = ZoneDatabase.system
        package var clock: WallClock = { Date() }
        /// Creates unpredictable coupon codes.
        package var codes: @Sendable () -> CouponCode = { ControlAPI.randomCode() }

        package init(
            store: Store, gateways: any GatewayDirectory, gardens: any WalledGardenReconciler, sealer: Sealer
        ) {
            self.store = store
            self.gateways = gateways
            self.gardens = gardens
            self.sealer = sealer
        }
    }
}
