import Captive
import Foundation
import Images
import Testing

@Suite struct ImageTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let file: String
        let format: Image.Format
        let width: Int
        let height: Int
        var testDescription: String { file }

        init(_ file: String, _ format: Image.Format, _ width: Int, _ height: Int) {
            (self.file, self.format, self.width, self.height) = (file, format, width, height)
        }

        var bytes: [UInt8] {
            get throws {
                let folder = try #require(Bundle.module.url(forResource: "Pictures", withExtension: nil))
                return Array(try Data(contentsOf: folder.appending(path: file)))
            }
        }
    }

    static let samples = [
        Sample("transparent.png", .png, 240, 80), Sample("palette.png", .png, 128, 96),
        Sample("grey.png", .png, 40, 40),
        Sample("turned.jpg", .jpeg, 160, 120), Sample("progressive.jpg", .jpeg, 160, 120),
        Sample("cmyk.jpg", .jpeg, 160, 120), Sample("moving.gif", .gif, 120, 80), Sample("still.gif", .gif, 120, 80),
        Sample("lossy.webp", .webp, 160, 120), Sample("lossless.webp", .webp, 121, 81),
        Sample("extended.webp", .webp, 160, 120), Sample("moving.webp", .webp, 120, 80),
    ]

    private func refusal(_ file: [UInt8]) -> ImageError? {
        do throws(ImageError) {
            _ = try Image(file)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: samples)
    func `each format is read with its displayed size`(sample: Sample) throws {
        let picture = try Image(try sample.bytes)
        #expect(picture.format == sample.format)
        #expect(picture.width == sample.width)
        #expect(picture.height == sample.height)
    }

    @Test(arguments: samples)
    func `writing an image again does not change it`(sample: Sample) throws {
        let picture = try Image(try sample.bytes)
        #expect(try Image(picture.bytes) == picture)
    }

    @Test(arguments: samples)
    func `metadata and comments are dropped`(sample: Sample) throws {
        let secrets = ["Secret", "Exif\0\0II", "xmp", "http"]
        let text = String(decoding: try Image(try sample.bytes).bytes, as: Unicode.ASCII.self)
        for secret in secrets { #expect(!text.contains(secret)) }
    }

    @Test func `the orientation of a photograph is kept`() throws {
        let turned = try #require(Self.samples.first { $0.file == "turned.jpg" })
        let bytes = try Image(try turned.bytes).bytes
        #expect(bytes[2..<4].elementsEqual([0xFF, 0xE1]))
        #expect(bytes[31] == 6)
    }

    @Test(arguments: samples)
    func `a truncated file is refused at every length`(sample: Sample) throws {
        let bytes = try sample.bytes
        for length in stride(from: 0, to: bytes.count - 1, by: max(1, bytes.count / 300)) {
            #expect(refusal(Array(bytes[..<length])) != nil, "\(length) of \(bytes.count)")
        }
    }

    @Test(arguments: samples)
    func `data after the image is dropped`(sample: Sample) throws {
        let bytes = try sample.bytes
        let tail = Array("<script>alert(1)</script>".utf8)
        #expect(try Image(bytes + tail) == Image(bytes))
    }

    @Test(arguments: samples)
    func `a file with changed bytes is refused or read`(sample: Sample) throws {
        let bytes = try sample.bytes
        for index in bytes.indices.prefix(800) {
            for value in [0x00, 0xFF, bytes[index] ^ 0x10] as [UInt8] {
                var changed = bytes
                changed[index] = value
                guard let picture = try? Image(changed) else { continue }
                #expect((1...Image.longestSide).contains(picture.width))
                #expect(picture.bytes.count <= changed.count + 40)
            }
        }
    }

    @Test(
        arguments: [
            ("", .unknown), ("GIF90a", .unknown), ("<html>", .unknown), ("RIFF\u{4}\0\0\0WAVE", .unknown),
            ("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", .svg), ("<?xml version=\"1.0\"?>\n<SVG>", .svg),
        ] as [(String, ImageError)])
    func `an unsupported file is refused with its error`(text: String, expected: ImageError) {
        #expect(refusal(Array(text.utf8)) == expected)
    }

    @Test func `a file larger than 1 MiB is refused without reading it`() {
        #expect(refusal([UInt8](repeating: 0, count: Image.largestFile + 1)) == .tooManyBytes)
    }

    @Test func `a small file with a huge image is refused`() throws {
        let gif = try #require(Self.samples.first { $0.file == "still.gif" })
        var bytes = try gif.bytes
        bytes.replaceSubrange(6..<10, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(refusal(bytes) == .tooManyPixels(65_535, 65_535))
        let webp = try #require(Self.samples.first { $0.file == "lossy.webp" })
        bytes = try webp.bytes
        bytes.replaceSubrange(26..<28, with: [0, 0])
        #expect(refusal(bytes) == .damaged(.webp, "it has no pixels"))
    }

    @Test func `a canvas that differs in size from its image is refused`() throws {
        let webp = try #require(Self.samples.first { $0.file == "extended.webp" })
        var bytes = try webp.bytes
        bytes[24] ^= 1
        #expect(refusal(bytes) == .damaged(.webp, "its header and its image data differ in size"))
    }

    @Test func `a second header is refused`() throws {
        let webp = try #require(Self.samples.first { $0.file == "extended.webp" })
        var bytes = try webp.bytes + Array("VP8X\0\0\0\0".utf8)
        let length = bytes.count - 8
        bytes.replaceSubrange(4..<8, with: (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) })
        #expect(refusal(bytes) == .damaged(.webp, "it has a second header"))
    }

    @Test(
        arguments: [
            ("still.gif", [0x2C, 0, 0, 0, 0], 5), ("moving.webp", Array("ANMF".utf8), 14),
        ] as [(String, [UInt8], Int)])
    func `a frame that is larger than the canvas is refused`(file: String, mark: [UInt8], width: Int) throws {
        let sample = try #require(Self.samples.first { $0.file == file })
        var bytes = try sample.bytes
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) })
        bytes[start + width + 1] = 0xFF
        #expect(refusal(bytes) == .damaged(sample.format, "a frame extends beyond the edge of the image"))
    }

    @Test(
        arguments: [
            (.logo, "grey.png", false), (.logo, "still.gif", true), (.logo, "palette.png", true),
            (.icon, "grey.png", true), (.icon, "still.gif", false),
        ] as [(ThemeImage.Kind, String, Bool)])
    func `a theme image needs the right size and shape`(kind: ThemeImage.Kind, file: String, fits: Bool) throws {
        let sample = try #require(Self.samples.first { $0.file == file })
        let picture = try Image(try sample.bytes)
        do throws(ImageError) {
            try kind.check(picture)
            #expect(fits)
        } catch {
            #expect(!fits)
            #expect(error.explanation.contains("\(picture.width) x \(picture.height)"))
        }
    }
}
