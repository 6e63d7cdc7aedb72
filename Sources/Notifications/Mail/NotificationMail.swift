import Captive
import Foundation

/// The text of a notification's mail. It contains a link to the coupon codes, not the codes.
struct NotificationMail {
    let notification: CouponNotification
    let context: NotificationContext
    let link: (url: String, expires: Date)

    var subject: String { "\(coupons) for \(context.instanceName): \(notification.scheduleName)" }

    var text: String {
        """
        \(created)

        \(validity)

        See and print the codes (the link works until \(LocalTimeFormat.text(link.expires, in: notification.timeZone))):
        \(link.url)

        \(caution)

        --\u{20}
        \(reason)

        """
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><title>\(subject.escaped)</title></head>
        <body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#222;background:#fff">
        <p>\(created.escaped)</p>
        <p>\(validity.escaped)</p>
        <p><a href="\(link.url.escaped)" style="color:#0b57a4">See and print the codes</a></p>
        <p>The link works until \(LocalTimeFormat.text(link.expires, in: notification.timeZone).escaped). \(caution.escaped)</p>
        <p style="color:#555;font-size:14px">\(reason.escaped)</p>
        </body>
        </html>

        """
    }

    private var coupons: String { notification.count == 1 ? "1 coupon" : "\(notification.count) coupons" }

    private var created: String {
        "The schedule “\(notification.scheduleName)” created \(coupons) for \(context.instanceName)."
    }

    private var validity: String {
        let span = TimeSpan.text(from: notification.createdAt, to: notification.expiresAt)
        return "Valid for \(span), until \(LocalTimeFormat.text(notification.expiresAt, in: notification.timeZone))."
    }

    private var caution: String { "Anyone with this link can see the codes." }

    private var reason: String {
        "You receive this message because your address is in the notification group “\(context.group.name)”. "
            + "Your Wi-Fi administrator can remove it."
    }
}

extension String {
    /// Escaped for text and attributes of HTML.
    fileprivate var escaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
