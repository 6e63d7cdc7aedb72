import Captive
import Foundation
import NetworkAddress

/// An instance as a row of `instances`, without its sites.
enum InstanceRow {
    static func arguments(_ instance: Instance) -> [SQLValue] {
        [
            .id(instance.id), .workspace(instance.workspace), .text(instance.name), .text(instance.strategy.rawValue),
            .integer(instance.sessionTTL), .integer(instance.authWindowTTL), .integer(instance.couponTTL),
            .id(instance.integrationID), .text(colors(instance.theme)),
        ] + image(instance.theme.logo) + image(instance.theme.icon) + [
            .text(instance.termsText), .text(instance.locale), .date(instance.createdAt), .integer(instance.revision),
            .text(instance.venueInfoURL?.description),
        ]
    }

    static func instance(_ row: SQLRow, sites: [Instance.SiteSubnets]) throws -> Instance {
        var reader = RowReader(row)
        var instance = Instance(
            id: try reader.id(), workspace: try reader.workspace(), name: try reader.text(),
            strategy: try reader.word(), sessionTTL: try reader.integer(), authWindowTTL: try reader.integer(),
            couponTTL: try reader.integer(), integrationID: try reader.optional { try $0.id() },
            theme: try theme(&reader), termsText: try reader.optional { try $0.text() }, locale: try reader.text(),
            sites: sites, createdAt: try reader.date(), revision: try reader.integer())
        instance.venueInfoURL = try reader.optional { try $0.text() }.flatMap(VenueInfoURL.init)
        return instance
    }

    /// The colours in the order of the column `colors`, which separates them by spaces.
    private static let colorPaths: [any WritableKeyPath<Theme, Color> & Sendable] = [
        \.accentText, \.accentColor, \.textColor, \.secondaryTextColor, \.backgroundColor, \.borderColor, \.boxColor,
    ]

    private static func colors(_ theme: Theme) -> String {
        colorPaths.map { theme[keyPath: $0].description }.joined(separator: " ")
    }

    private static func theme(_ reader: inout RowReader) throws -> Theme {
        var theme = Theme()
        let colors = try reader.text().split(separator: " ").compactMap { Color(String($0)) }
        guard colors.count == colorPaths.count else { return try reader.damaged("theme") }
        for (path, color) in zip(colorPaths, colors) { theme[keyPath: path] = color }
        theme.logo = try image(&reader)
        theme.icon = try image(&reader)
        return theme
    }

    private static func image(_ image: ThemeImage?) -> [SQLValue] {
        guard let image else { return [.null, .null, .null, .null] }
        return [.id(image.id), .text(image.mediaType), .integer(image.width), .integer(image.height)]
    }

    private static func image(_ reader: inout RowReader) throws -> ThemeImage? {
        let id = try reader.optional { try $0.id() }
        let mediaType = try reader.optional { try $0.text() }
        let width = try reader.optional { try $0.integer() }
        let height = try reader.optional { try $0.integer() }
        guard let id, let mediaType, let width, let height else { return nil }
        return ThemeImage(id: id, mediaType: mediaType, width: width, height: height)
    }
}
