import Captive
import Foundation
import HTTPServer
import Images
import Storage

/// `/instances/{instanceId}/images/{type}`: the logo and icon of a theme.
struct ImageResource {
    let store: Store
    let clock: WallClock

    private static let path = "/instances/{instanceId}/images/{type}"
    private static let kinds = ThemeImage.Kind.allCases.map(\.rawValue)
    private static let type = PathParameter(
        name: "type", schema: .enumeration(kinds), description: "The kind of image: `logo` or `icon`.")
    /// Bytes allowed for the boundaries and headers of the form, in addition to the file.
    private static let frame = 65_536

    var section: Section {
        Section(
            "Images",
            "The images of a theme: a `logo` of at least 120 x 80 pixels and a square `icon` of at least 32 x 32. PNG, JPEG, WebP or "
                + "GIF, at most 1 MiB and 4096 pixels per side. Metadata is removed.",
            [
                Endpoint(
                    .post, Self.path, "uploadImage", "Upload an image, replacing the current one",
                    parameters: [Self.type], body: Self.body, status: .accepted,
                    response: ResponseEncoder<Void>.nothing.description, work: .authenticated(.post, upload)),
                Endpoint(
                    .delete, Self.path, "deleteImage", "Delete an image", parameters: [Self.type],
                    status: .noContent, response: ResponseEncoder<Void>.nothing.description,
                    work: .authenticated(.delete, delete)),
            ])
    }

    private static var body: Endpoint.Body {
        let file: Schema = ["type": "string", "format": "binary", "description": "The image file."]
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
            throw APIError(.resourceNotFound, "No such image. The type must be 'logo' or 'icon'.")
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

    /// The content of the form's only part, `file`.
    private static func file(in request: Request) throws -> [UInt8] {
        let parts: [MultipartForm.Part]
        do {
            parts = try MultipartForm(request).parts
        } catch let error as HTTPError {
            let code: ErrorCode = error.status == .unsupportedMediaType ? .mediaTypeUnsupported : .parameterInvalid
            throw APIError(code, "Send the image as 'multipart/form-data' with one part 'file': \(error.message).")
        }
        if let other = parts.first(where: { $0.name != "file" }) { throw APIError.unknown(other.name, nearest: "file") }
        guard parts.count == 1, let part = parts.first else { throw APIError.invalid("file", "sent exactly once") }
        guard !part.content.isEmpty else { throw APIError.invalid("file", "an image, but it is empty") }
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
