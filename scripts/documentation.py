"""Finds `package` and `public` declarations of Swift files without a `///` comment.

Types, protocols, their requirements and functions need one. The implementation of a requirement does not, because the
protocol documents it: functions named like a requirement of one of our protocols, and functions in an extension that adds a
conformance, are skipped. So are initialisers, stored properties, cases and operators. The check works on lines, without a parser.
"""

import re

MODIFIERS = r"(?:(?:final|static|class|indirect|nonisolated|mutating|nonmutating|consuming|borrowing|override)\s+)*"
OURS = rf"\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:package|public)\s+{MODIFIERS}"
TYPE = re.compile(rf"{OURS}(?:struct|enum|class|actor|protocol|typealias)\s+(\w+)")
FUNCTION = re.compile(rf"{OURS}func\s+(\w+)")
PROTOCOL = re.compile(rf"{OURS}protocol\s+\w+")
REQUIREMENT = re.compile(rf"\s*{MODIFIERS}(?:func|var|subscript)\b\s*(\w*)")
CONFORMANCE = re.compile(r"\s*(?:package |public |private |fileprivate )?extension\s+[\w.]+\s*:\s*\S")
# Requirements of protocols of the standard library and of packages.
FOREIGN_REQUIREMENTS = {"run", "validate", "hash", "encode", "makeIterator", "next", "log", "enqueue"}


def declarations(lines):
    """Yields (index, kind, name) of types, functions and requirements; `kind` is `type`, `function` or `requirement`."""
    depth, scopes, in_text = 0, [], False
    for index, line in enumerate(lines):
        if line.count('"""') % 2:
            in_text = not in_text
        if in_text or line.lstrip().startswith("//"):
            continue
        while scopes and depth < scopes[-1][0]:
            scopes.pop()
        scope = scopes[-1][1] if scopes and depth == scopes[-1][0] else None
        if match := TYPE.match(line):
            yield index, "type", match[1]
        elif scope == "protocol" and (match := REQUIREMENT.match(line)):
            yield index, "requirement", match[1] or "subscript"
        elif scope != "conformance" and (match := FUNCTION.match(line)):
            yield index, "function", match[1]
        change = depth_change(line)
        if change > 0 and PROTOCOL.match(line):
            scopes.append((depth + 1, "protocol"))
        elif change > 0 and CONFORMANCE.match(line):
            scopes.append((depth + 1, "conformance"))
        depth += change


def depth_change(line):
    code = re.sub(r'"(?:\\.|[^"\\])*"', "", line).split("//")[0]
    return code.count("{") - code.count("}")


def requirements(files):
    """Returns the names of all requirements declared in `files`, each a list of lines."""
    stated = {name for lines in files for _, kind, name in declarations(lines) if kind == "requirement"}
    return stated | FOREIGN_REQUIREMENTS


def is_documented(lines, index):
    """Returns whether the declaration at `index` has a comment above it; attributes may be in between."""
    above = index - 1
    while above >= 0 and lines[above].lstrip().startswith("@"):
        above -= 1
    return above >= 0 and lines[above].lstrip().startswith("///")


def undocumented(lines, requirements):
    """Yields (index, kind, name) of declarations without a comment."""
    for index, kind, name in declarations(lines):
        if not (kind == "function" and name in requirements) and not is_documented(lines, index):
            yield index, kind, name
