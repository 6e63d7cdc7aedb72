// swift-tools-version: 6.2
// The peers that Portico is compared with. A separate package, so that their dependencies (including swift-nio)
// stay out of the product.
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "peers",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    ],
    targets: [
        .target(
            name: "CouponPage",
            dependencies: [.product(name: "Mustache", package: "swift-mustache")],
            swiftSettings: strict),
        .executableTarget(
            name: "HummingbirdPeer",
            dependencies: ["CouponPage", .product(name: "Hummingbird", package: "hummingbird")],
            swiftSettings: strict),
        .executableTarget(
            name: "FlyingFoxPeer",
            dependencies: ["CouponPage", .product(name: "FlyingFox", package: "FlyingFox")],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
