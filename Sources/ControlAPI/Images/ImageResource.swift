import Captive
import Foundation
import HTTPServer

/// `/instances/{instanceId}/images/{type}`: the logo and icon of a theme.
struct ImageResource {
    let store: any ImageStore
    let clock: WallClock

    private static let path = "/instances/{instanceId}/images/{type}"
    private static let kinds = ThemeImage.Kind.allCases.map(\.rawValue)
    private static let type = PathParameter(
        name: "type", schema: .words(kinds), sentence: "Which image: `logo` or `icon`.")
    /// Bytes that boundaries and fields may add to the file.
    private static let frame = 65_536

    var section: Section {
        Section(
            "Images",
            "A theme's images: a `logo` of at least 120 x 80 pixels, a square `icon` of at least 32 x 32. PNG, JPEG, WebP or "
                + "GIF, at most 1 MiB and 4096 pixels a side. What a camera or program noted in the file is dropped.",
            [
                Endpoint(
                    .post, Self.path, "uploadImage", "Puts an image in place of the one before.",
                    parameters: [Self.type], body: Self.body, status: .accepted,
                    answer: Answer<Void>.nothing.description, work: .guarded(.post, upload)),
                Endpoint(
                    .delete, Self.path, "deleteImage", "Takes an image away.", parameters: [Self.type],
                    status: .noContent, answer: Answer<Void>.nothing.description, work: .guarded(.delete, delete)),
            ])
    }

    private static var body: Endpoint.Body {
        let file: Schema = ["type": "string", "format": "binary", "description": "The image, as a file."]
        return Endpoint.Body(
            mediaType: "multipart/form-data",
            schema: .object([.init(name: "file", schema: file, isRequired: true)]),
            files: ("file", ["image/png", "image/jpeg", "image/webp", "image/gif"]),
            limit: Image.largestFile + frame)
    }

    @Sendable private func upload(_ call: Call) async throws -> Response {
        let (id, kind) = try target(of: call)
        let picture = try Self.picture(in: call.request, for: kind)
        _ = try await set(kind, of: id, to: picture, call)
        return Response(.accepted)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let (id, kind) = try target(of: call)
        guard try await set(kind, of: id, to: nil, call) else { throw APIError.notFound(kind.rawValue) }
        return Response(.noContent)
    }

    private func target(of call: Call) throws -> (UUID, ThemeImage.Kind) {
        let id = try call.id("instanceId")
        guard let kind = call.request.pathParameters["type"].flatMap(ThemeImage.Kind.init) else {
            throw APIError(.resourceNotFound, "There is no such image; an instance has a logo and an icon.")
        }
        return (id, kind)
    }

    private func set(
        _ kind: ThemeImage.Kind, of id: UUID, to picture: Image?, _ call: Call
    ) async throws -> Bool {
        do {
            return try await store.setImage(kind, of: id, in: call.workspace, to: picture, now: clock())
        } catch StoreError.notFound {
            throw APIError.notFound("instance")
        }
    }

    private static func picture(in request: Request, for kind: ThemeImage.Kind) throws -> Image {
        let file = try file(in: request)
        do throws(ImageError) {
            let picture = try Image(file)
            try kind.check(picture)
            return picture
        } catch {
            throw APIError(error.code, error.explanation)
        }
    }

    /// The content of the one part, which is named `file`.
    private static func file(in request: Request) throws -> [UInt8] {
        let parts: [MultipartForm.Part]
        do {
            parts = try MultipartForm(request).parts
        } catch let error as HTTPError {
            let code: ErrorCode = error.status == .unsupportedMediaType ? .mediaTypeUnsupported : .parameterInvalid
            throw APIError(code, "Send the image as 'multipart/form-data' with one part 'file': \(error.message).")
        }
        if let other = parts.first(where: { $0.name != "file" }) { throw APIError.unknown(other.name, nearest: "file") }
        guard parts.count == 1, let part = parts.first else { throw APIError.invalid("file", "there once") }
        guard !part.content.isEmpty else { throw APIError.invalid("file", "an image; it is empty") }
        return Array(part.content)
    }
}

extension ImageError {
    fileprivate var code: ErrorCode {
        switch self {
        case .tooManyBytes: .payloadTooLarge
        case .svg, .unknown: .mediaTypeUnsupported
        case .damaged, .tooManyPixels, .wrongSize: .parameterInvalid
        }
    }
}
