package import TimeZones

/// The valid coupons of a schedule, for a page.
package struct CouponSheet: Sendable {
    package var instance: Instance
    package var schedule: CouponSchedule
    /// Newest first.
    package var coupons: [Coupon]
    /// The schedule's time zone. If nil, because its rules cannot be read, times are shown in UTC.
    package var zone: ZoneRules?
    /// The address of the next sheet, with older coupons; nil if there are none.
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
