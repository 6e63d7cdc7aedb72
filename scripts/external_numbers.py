r"""Finds lines of Swift files that convert external input to a number in a way that can stop the program.

Swift ends the process if integer arithmetic overflows and if a fraction does not fit into an integer. A router, a
provider or a browser must not be able to cause that, so a number is bounded where it is parsed
(Sources/NetworkAddress/ExternalNumbers.swift). Problems:

Text converted to an integer without a range; `Int(text, in: 0...59)` has one, and values computed from it later fit.

>>> problems(["guard let hours = Int(parts[0]), hours < 24 else { return nil }"])
[(0, 'text becomes an integer without bounds; use Int(text, in: range)')]
>>> len(problems(['let ends = ports.split(separator: "-").compactMap { Int($0) }', "let used = row[field].flatMap(Int.init)"]))
2
>>> len(problems(['let age = Int(value) ?? 0', 'let unit = UInt16(digits, radix: 16)', 'let n = text.split(separator: ".").map { Int($0) }']))
3
>>> problems(["guard let hours = Int(parts[0], in: 0...23) else { return nil }", "let total = Int(header[6]) << 8 | Int(header[7])"])
[]

A range that bounds nothing.

>>> problems(["guard let count = Int(text, in: 0...Int.max) else { return nil }"])
[(0, 'the range bounds nothing; say what the number can reach')]

A fraction converted to an integer; `Int(saturating: seconds)` accepts any value. Fractions are recognised by `rounded`,
`timeIntervalSince` and similar calls, and by names that the file declares as fractions.

>>> problems(["let seconds = Int(end.timeIntervalSince(start).rounded(.up))"])
[(0, 'a fraction becomes an integer; use Int(saturating:)')]
>>> problems(["var ahead: Double", "var shown: String { String(Int(abs(ahead))) }"])
[(1, 'a fraction becomes an integer; use Int(saturating:)')]
>>> problems(["let seconds = Int(saturating: end.timeIntervalSince(start))"])
[]

An integer read by a decoder without a range.

>>> problems(["struct Row: Decodable {", "    var expires: Int?", "}", "struct Guest {", "    var endsAt: Int?", "}"])
[(1, 'an integer of a document has no bounds; clamp it where it is used, and say so')]
>>> len(problems(["self = .integer(try container.decode(Int.self))"]))
1

A conversion that is bounded in another way has a comment "Safe because …" in the line or one of the three before it.

>>> problems(["// Safe because two digits were counted.", "let hour = Int(digits) ?? 0"])
[]

The check works on lines, without a parser: it misses a conversion spread over several lines, or of a name that another file
declares.
"""

import re

INTEGER = r"\bU?Int(?:8|16|32|64)?"
CALL = re.compile(rf"(?<![\w.]){INTEGER}\(")
LABEL = re.compile(r"\s*\w+:")
FAILABLE_MAP = re.compile(rf"(?:flatMap|compactMap)\s*[({{]\s*(?:\w+ in\s+)?{INTEGER}(?:\.init\s*\)|\()")
SPLIT_MAP = re.compile(rf"split\(.*\.map\s*[({{]\s*{INTEGER}(?:\.init\s*\)|\()")
CONDITION = re.compile(rf"(?:^\s*(?:guard|if|while|\}} else if)\b.*|,\s*|^\s+)let \w+ = $")
OPTIONAL_USE = re.compile(r"\s*(?:\?\?|\?\.|[!=]= nil|\.flatMap\b)")
FRACTION = re.compile(r"\.rounded\(|[tT]imeInterval|\bDouble\(|\bpow\(")
FRACTIONAL_NAME = re.compile(
    r"\b(\w+)\s*:\s*(?:Double|TimeInterval|Float)\b(?!\()|\blet (\w+) = [^={]*\.timeIntervalSince\w*(?:\([^()]*\))?$")
DECODED_TYPE = re.compile(r"^(\s*)(?:\w+ )*(?:struct|class|enum) \w+:.*\b(?:Decodable|Codable)\b")
DECODED_INTEGER = re.compile(rf"^\s*(?:let|var) \w+: {INTEGER}\??$")
DECODE = re.compile(rf"\.decode(?:IfPresent)?\({INTEGER}\.self")
EXCUSE = "Safe because"

TEXT = "text becomes an integer without bounds; use Int(text, in: range)"
ENDLESS = "the range bounds nothing; say what the number can reach"
FRACTIONAL = "a fraction becomes an integer; use Int(saturating:)"
DECODED = "an integer of a document has no bounds; clamp it where it is used, and say so"


def arguments(line, start):
    """Returns the text between the bracket before `start` and its closing bracket, and the text after that."""
    depth = 1
    for index in range(start, len(line)):
        depth += {"(": 1, ")": -1}.get(line[index], 0)
        if depth == 0:
            return line[start:index], line[index + 1 :]
    return line[start:], ""


def is_condition(line, start, following):
    """Returns whether the call at `start` is bound in a condition. Its result is optional then, so it converts text."""
    before = line[:start]
    if not CONDITION.search(before):
        return False
    return not re.match(r"\s+let ", line) or line.rstrip().endswith((",", "{")) or following.lstrip().startswith("else")


def conversion(line, start, given, after, following, names):
    """Returns the problem of one call, or None."""
    if ", radix:" in given:
        return TEXT
    if re.search(r"(?:^|,)\s*in: .*\.(?:max|min)\b", given):
        return ENDLESS
    if LABEL.match(given) or re.search(r",\s*in: ", given):
        return None
    if FRACTION.search(given) or any(re.search(rf"\b{name}\b", given) for name in names):
        return FRACTIONAL
    if OPTIONAL_USE.match(after) or is_condition(line, start, following):
        return TEXT
    return None


def in_line(line, following, names):
    """Returns the problems of one line."""
    found = []
    for match in CALL.finditer(line):
        given, after = arguments(line, match.end())
        found.append(conversion(line, match.start(), given, after, following, names))
    for pattern in [FAILABLE_MAP, SPLIT_MAP]:
        for match in pattern.finditer(line):
            given = arguments(line, match.end())[0] if match[0].endswith("(") else ""
            if not LABEL.match(given) and not re.search(r",\s*in: ", given):
                found.append(TEXT)
    if DECODE.search(line):
        found.append(DECODED)
    return sorted({problem for problem in found if problem})


def problems(lines):
    """Returns index and description of each problem."""
    names = {name for line in lines for match in FRACTIONAL_NAME.finditer(line) for name in match.groups() if name}
    found, decoded = [], None
    for index, line in enumerate(lines):
        if match := DECODED_TYPE.match(line):
            decoded = match[1]
        elif decoded is not None and line.startswith(decoded + "}"):
            decoded = None
        if line.lstrip().startswith("//") or any(EXCUSE in near for near in lines[max(0, index - 3) : index + 1]):
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        found += [(index, problem) for problem in in_line(line, following, names)]
        if decoded is not None and DECODED_INTEGER.match(line):
            found.append((index, DECODED))
    return found
