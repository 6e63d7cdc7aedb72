// swift-tools-version: 6.2
// The layers of Portico, top to bottom. A target may import only what it names here: `make check`
// turns an undeclared import into an error, so this file is the architecture's rule.
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let mustache: Target.Dependency = .product(name: "Mustache", package: "swift-mustache")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "portico",
    products: [.executable(name: "portico", targets: ["portico"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // The program.
        .executableTarget(
            name: "portico",
            dependencies: [
                "CLinux", "Captive", "ControlAPI", "Doctor", "Gateways", "GatewaySimulator", "GuestPortal",
                "HTTPClient",
                "HTTPServer", "IdentityProviderSimulator", "NetworkAddress", "Notifications", "OAuth", "Pages",
                "Storage",
                "TimeZones", argumentParser, crypto,
                logging, yams,
            ],
            swiftSettings: strict),

        // What people and programs meet.
        .target(
            name: "GuestPortal",
            dependencies: [
                "CQRencode", "Captive", "HTTPServer", "NetworkAddress", "OAuth", "Pages", "Storage", "TimeZones",
                crypto,
                logging,
            ],
            swiftSettings: strict),
        .target(
            name: "Pages", dependencies: ["Captive", "HTTPServer", "NetworkAddress", crypto, mustache],
            swiftSettings: strict),
        .target(
            name: "ControlAPI",
            dependencies: [
                "Captive", "Doctor", "HTTPServer", "Images", "NetworkAddress", "Storage", "TimeZones", crypto, jwt,
                logging,
            ],
            swiftSettings: strict),

        // Sees the portal from outside only, as a guest's device does.
        .target(
            name: "Doctor", dependencies: ["Captive", "HTTPClient", "NetworkAddress", "Storage"], swiftSettings: strict),

        // Adapters: each knows the rules and the database at most.
        .target(
            name: "Gateways",
            dependencies: ["Captive", "CLinux", "HTTPClient", "NetworkAddress", crypto, cryptoExtras, logging],
            swiftSettings: strict),
        .target(
            name: "GatewaySimulator",
            dependencies: ["CLinux", "COpenSSL", "HTTPServer", "NetworkAddress", crypto, logging],
            path: "Sources/Gateways.Simulator",
            resources: [.copy("CommandTrees")],
            swiftSettings: strict),
        .target(
            name: "OAuth",
            dependencies: ["Captive", "HTTPClient", "NetworkAddress", crypto, jwt, logging],
            swiftSettings: strict),
        .target(
            name: "Notifications",
            dependencies: ["Captive", "HTTPClient", "NetworkAddress", "Storage", crypto, logging],
            swiftSettings: strict),
        .target(
            name: "IdentityProviderSimulator",
            dependencies: ["HTTPServer", "NetworkAddress", crypto, cryptoExtras, logging],
            path: "Sources/OAuth.Simulator",
            swiftSettings: strict),

        // The database.
        .target(
            name: "Storage",
            dependencies: ["Captive", "Images", "NetworkAddress", "TimeZones", crypto, grdb, logging],
            swiftSettings: strict),

        // The rules.
        .target(
            name: "Captive", dependencies: ["Images", "NetworkAddress", "TimeZones", crypto], swiftSettings: strict),

        // Wire formats.
        .target(
            name: "HTTPServer",
            dependencies: ["CLinux", "COpenSSL", "CZlib", "NetworkAddress", logging],
            swiftSettings: strict),
        .target(
            name: "HTTPClient", dependencies: ["CCurl", "CLinux", "NetworkAddress"], swiftSettings: strict),
        .target(name: "Images", dependencies: ["NetworkAddress"], swiftSettings: strict),
        .target(name: "NetworkAddress", swiftSettings: strict),
        .target(name: "TimeZones", swiftSettings: strict),

        // C libraries.
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CQRencode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),
        .target(
            name: "CCurl", linkerSettings: [.linkedLibrary("curl"), .linkedLibrary("ssl"), .linkedLibrary("crypto")]),

        // Tests, a target for each they test.
        .testTarget(name: "NetworkAddressTests", dependencies: ["NetworkAddress"], swiftSettings: strict),
        .testTarget(name: "TimeZonesTests", dependencies: ["TimeZones"], swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "CLinux", "NetworkAddress", logging],
            resources: [.copy("Corpus")],
            swiftSettings: strict),
        .testTarget(
            name: "ImagesTests", dependencies: ["Images", "Captive"], resources: [.copy("Pictures")],
            swiftSettings: strict),
        .testTarget(
            name: "CaptiveTests", dependencies: ["Captive", "NetworkAddress", "TimeZones", crypto],
            resources: [.copy("Schedules/zoneinfo_cases.py")], swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: ["Storage", "Captive", "Images", "NetworkAddress", "TimeZones", crypto, logging],
            swiftSettings: strict),
        .testTarget(
            name: "GatewaysTests",
            dependencies: [
                "Gateways", "GatewaySimulator", "Captive", "HTTPClient", "HTTPServer", "NetworkAddress", "Storage",
                crypto, cryptoExtras, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "OAuthTests",
            dependencies: [
                "OAuth", "IdentityProviderSimulator", "Captive", "HTTPClient", "HTTPServer", "NetworkAddress", crypto,
                cryptoExtras, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "NotificationsTests",
            dependencies: [
                "Notifications", "Captive", "HTTPClient", "HTTPServer", "NetworkAddress", "Storage", crypto, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ControlAPITests",
            dependencies: [
                "ControlAPI", "Captive", "Doctor", "Images", "HTTPServer", "NetworkAddress", "Storage", "TimeZones",
                crypto, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoctorTests",
            dependencies: [
                "Doctor", "Captive", "Gateways", "GatewaySimulator", "HTTPClient", "HTTPServer", "NetworkAddress",
                "Storage", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "HistoryTests",
            dependencies: [
                "Captive", "Gateways", "GatewaySimulator", "GuestPortal", "HTTPClient", "HTTPServer", "NetworkAddress",
                "OAuth", "Pages", "Storage", crypto, logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PagesTests", dependencies: ["Pages", "Captive", "HTTPServer", "NetworkAddress", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "GuestPortalTests",
            dependencies: [
                "GuestPortal", "Captive", "Images", "HTTPClient", "HTTPServer", "IdentityProviderSimulator",
                "NetworkAddress",
                "OAuth", "Pages", "Storage", "TimeZones", crypto, logging,
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
