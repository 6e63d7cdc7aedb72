r"""Which lines of Swift files make a string of external bytes without a bound on runs of combining marks.

Swift compares, hashes and searches strings in a normal form of Unicode; the time grows with the square of a run of marks. So
the run is bounded where the string is created (Sources/NetworkAddress/ExternalText.swift). Found are:

Bytes that become a string; a check of their encoding alone creates none that is kept.

>>> problems(["let name = String(decoding: bytes, as: UTF8.self)", "let text = String(streamSafe: bytes)"])
[(0, 'bytes become a string without a bound on marks; use String(streamSafe:)')]
>>> len(problems(["guard let text = String(validating: bytes, as: UTF8.self) else { return nil }"]))
1
>>> problems(["guard let text = String(validating: bytes, as: UTF8.self)?.streamSafe else { return nil }"])
[]
>>> problems(["guard String(validating: body, as: UTF8.self) != nil else { return nil }"])
[]

Percent escapes, which may encode marks.

>>> problems(["origin = values[name]?.removingPercentEncoding"])
[(0, 'escapes become text without a bound on marks; add .streamSafe')]
>>> problems(["origin = values[name]?.removingPercentEncoding?.streamSafe"])
[]

A JSON document that Foundation decodes.

>>> problems(["let row = try? JSONDecoder().decode(Row.self, from: Data(body))"])
[(0, 'a document is decoded without a bound on marks; use streamSafeJSON')]
>>> problems(["let row = try? JSONDecoder().decode(", "    Row.self, from: Data(body.streamSafeJSON))"])
[]

What is safe otherwise says how, in the line or one of the three before it.

>>> problems(["// Safe because a token is ASCII.", "let method = String(decoding: bytes, as: UTF8.self)"])
[]

Lines are read, not parsed: a call whose arguments follow in later lines than the next two is not seen.
"""

import re

DECODE = re.compile(r"\bString\((?:decoding|validating): .*as: UTF8\.self\)(?!\)? [!=]= nil)(?!\?\.streamSafe)")
PERCENT = re.compile(r"\bremovingPercentEncoding\b(?!\??\.streamSafe)")
DOCUMENT = re.compile(r"\bJSONDecoder\(\)\.decode\(")
EXCUSE = "Safe because"

TEXT = "bytes become a string without a bound on marks; use String(streamSafe:)"
ESCAPES = "escapes become text without a bound on marks; add .streamSafe"
JSON = "a document is decoded without a bound on marks; use streamSafeJSON"


def problems(lines):
    """Index and description of each."""
    found = []
    for index, line in enumerate(lines):
        if line.lstrip().startswith("//") or any(EXCUSE in near for near in lines[max(0, index - 3) : index + 1]):
            continue
        if DECODE.search(line):
            found.append((index, TEXT))
        if PERCENT.search(line):
            found.append((index, ESCAPES))
        if DOCUMENT.search(line) and not any("streamSafeJSON" in near for near in lines[index : index + 3]):
            found.append((index, JSON))
    return found
