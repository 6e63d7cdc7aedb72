package import Captive
import Foundation
import HTTPServer
import Pages
package import Storage

/// Serves the images of themes at addresses that the portal signs, so that requests for images that do not exist never
/// reach the database. An address does not expire: its content never changes, so caches may keep it without a limit.
package struct ThemeAssets: Sendable {
    private let images: Store
    private let signatures: SignedURL
    private let cache = BoundedCache<UUID, Asset>(capacity: 32 << 20) { $0.size }

    /// An image in both forms of its response.
    private struct Asset: Sendable {
        let tag: String
        let whole: PreparedResponse
        let notModified: PreparedResponse
        /// Bytes of the image.
        let size: Int
    }

    package init(images: Store, sealer: Sealer) {
        self.images = images
        signatures = SignedURL(sealer: sealer)
    }

    /// Returns the signed address of an image on this origin.
    package func address(of image: ThemeImage, as kind: ThemeImage.Kind) -> String {
        signatures.signPermanently(image.path(as: kind))
    }

    /// Returns the image if it is cached; nil otherwise, also for a request that is refused.
    func responseInMemory(to request: Request) -> Response? {
        guard let id = signedID(request), let asset = cache.cached(id) else { return nil }
        return answer(asset, to: request)
    }

    func response(to request: Request) async throws -> Response {
        guard let id = signedID(request) else {
            return .text(.forbidden, "This address was not made by this portal.\n")
        }
        if let asset = cache.cached(id) { return answer(asset, to: request) }
        guard let image = try await images.image(id) else {
            return .text(.notFound, "There is no such image any more.\n")
        }
        let asset = Self.asset(image)
        cache.insert(asset, for: id)
        return answer(asset, to: request)
    }

    private func signedID(_ request: Request) -> UUID? {
        guard let id = request.pathParameters["imageId"].flatMap({ UUID(uuidString: $0) }),
            signatures.isPermanentlySigned(request.path, signature: request.queryValue("signature"))
        else { return nil }
        return id
    }

    private func answer(_ asset: Asset, to request: Request) -> Response {
        let known = request.headers.values("If-None-Match").flatMap { $0.split(separator: ",") }
        let tag = asset.tag
        let isKnown = known.contains { value in
            let value = value.trimmingCharacters(in: .whitespaces)
            return value == "*" || value == tag || value == "W/" + tag
        }
        return .prepared(isKnown ? asset.notModified : asset.whole)
    }

    private static func asset(_ image: StoredImage) -> Asset {
        let tag = "\"\(image.id.text)\""
        let validators: Headers = [
            "Cache-Control": "public, max-age=31536000, immutable", "ETag": tag,
            "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'",
        ]
        var headers = validators
        headers.add("Content-Type", image.mediaType)
        return Asset(
            tag: tag,
            whole: PreparedResponse(Response(.ok, headers: headers, body: .bytes(image.bytes))),
            notModified: PreparedResponse(Response(.notModified, headers: validators)), size: image.bytes.count)
    }
}
