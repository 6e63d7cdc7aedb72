"""Pictures for tests, generated without a library."""

import struct
import zlib


def png(width: int, height: int, draw) -> bytes:
    """Returns a PNG; `draw(x, y)` returns red, green, blue and opacity of a pixel."""
    rows = b"".join(b"\0" + bytes(value for x in range(width) for value in draw(x, y)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def sign(width: int, height: int, color=(220, 60, 40)) -> bytes:
    """An oval on a transparent background: a logo."""

    def draw(x, y):
        inside = ((x + 0.5) / width * 2 - 1) ** 2 + ((y + 0.5) / height * 2 - 1) ** 2 <= 1
        return (*color, 255) if inside else (0, 0, 0, 0)

    return png(width, height, draw)
