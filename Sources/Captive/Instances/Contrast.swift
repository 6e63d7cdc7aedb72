import Foundation
import NetworkAddress

// Contrast according to WCAG 2.2, and perceptual lightness (OKLab, https://bottosson.github.io/posts/oklab/). Changing
// the OKLab lightness of a colour keeps its hue, so a corrected brand colour remains recognisable.

extension Color {
    /// 0 for black to 1 for white (WCAG 2.2, "relative luminance").
    package var relativeLuminance: Double {
        0.2126 * Self.linear(red) + 0.7152 * Self.linear(green) + 0.0722 * Self.linear(blue)
    }

    /// 1 to 21, symmetric (WCAG 2.2, "contrast ratio").
    package func contrast(with other: Color) -> Double {
        let (one, two) = (relativeLuminance, other.relativeLuminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// OKLab lightness, 0 to 1, perceptually uniform.
    package var lightness: Double { OKLab(self).lightness }

    /// The same hue at another lightness, with the largest chroma that sRGB allows.
    package func withLightness(_ lightness: Double) -> Color {
        var lab = OKLab(self)
        lab.lightness = min(max(lightness, 0), 1)
        return lab.nearestColor
    }

    /// `share` of this colour over `other`, 0 to 1.
    package func mixed(over other: Color, share: Double) -> Color {
        func mix(_ one: UInt8, _ two: UInt8) -> UInt8 {
            UInt8(saturating: (Double(one) * share + Double(two) * (1 - share)).rounded())
        }
        return Color(red: mix(red, other.red), green: mix(green, other.green), blue: mix(blue, other.blue))
    }

    static let white = Color(red: 255, green: 255, blue: 255)
    static let black = Color(red: 0, green: 0, blue: 0)

    fileprivate static func linear(_ component: UInt8) -> Double {
        let value = Double(component) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
}

/// Björn Ottosson's OKLab, from and to sRGB.
private struct OKLab {
    var lightness, greenRed, blueYellow: Double

    init(_ color: Color) {
        let (red, green, blue) = (Color.linear(color.red), Color.linear(color.green), Color.linear(color.blue))
        let long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
        let medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
        let short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        greenRed = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        blueYellow = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    }

    /// The colour itself, or if sRGB does not contain it, the nearest one with less chroma and the same lightness.
    var nearestColor: Color {
        var (low, high) = (0.0, 1.0)
        if let exact = color(chroma: 1) { return exact }
        for _ in 0..<12 {
            let middle = (low + high) / 2
            if color(chroma: middle) == nil { high = middle } else { low = middle }
        }
        return color(chroma: low) ?? (lightness > 0.5 ? .white : .black)
    }

    private func color(chroma: Double) -> Color? {
        let (first, second) = (greenRed * chroma, blueYellow * chroma)
        let long = pow(lightness + 0.3963377774 * first + 0.2158037573 * second, 3)
        let medium = pow(lightness - 0.1055613458 * first - 0.0638541728 * second, 3)
        let short = pow(lightness - 0.0894841775 * first - 1.2914855480 * second, 3)
        guard let red = Self.component(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
            let green = Self.component(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
            let blue = Self.component(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short)
        else { return nil }
        return Color(red: red, green: green, blue: blue)
    }

    private static func component(_ linear: Double) -> UInt8? {
        guard (-0.0005...1.0005).contains(linear) else { return nil }
        let value = min(max(linear, 0), 1)
        return UInt8(
            saturating: (255 * (value <= 0.0031308 ? value * 12.92 : 1.055 * pow(value, 1 / 2.4) - 0.055)).rounded())
    }
}
