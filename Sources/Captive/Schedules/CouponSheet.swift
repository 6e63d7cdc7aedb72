package import TimeZones

/// The valid coupons of a schedule, as they are shown to people.
package struct CouponSheet: Sendable {
    package var instance: Instance
    package var schedule: CouponSchedule
    /// Newest first.
    package var coupons: [Coupon]
    /// The schedule's zone; nil where its rules cannot be read, and then times are UTC's.
    package var zone: ZoneRules?
    /// Where those follow that are not on this sheet; nil if there are none.
    package var older: String?

    package init(
        instance: Instance, schedule: CouponSchedule, coupons: [Coupon], zone: ZoneRules?, older: String? = nil
    ) {
        self.instance = instance
        self.schedule = schedule
        self.coupons = coupons
        self.zone = zone
        self.older = older
    }
}
