"""House rules that the compiler and the formatter do not check, for every Swift file that is tracked.

- `package` and `public` types, protocols, their requirements and functions have a `///` comment. Left out: what fulfils a
  requirement that is explained elsewhere (functions named like one of our protocols' requirements, or in an extension
  that adds a conformance), initialisers, stored properties, cases and operators, which their type explains.
- At most 500 lines a file.
- No `try!` and no `as!` in Sources.
- No path of one machine anywhere.

Prints one finding a line, `file:line: what`, and fails if there is any.
"""

import pathlib
import re
import subprocess
import sys

LONGEST = 500
MODIFIERS = r"(?:(?:final|static|class|indirect|nonisolated|mutating|nonmutating|override|async|borrowing|consuming)\s+)*"
TYPE = re.compile(rf"\s*(?:package|public)\s+{MODIFIERS}(?:struct|enum|class|actor|protocol|typealias)\s+(\w+)")
FUNCTION = re.compile(rf"\s*(?:package|public)\s+{MODIFIERS}func\s+(\w+)")
PROTOCOL = re.compile(r"\s*(?:package|public)\s+protocol\s+(\w+)")
REQUIREMENT = re.compile(rf"\s*{MODIFIERS}(?:func|var|subscript)\b\s*(\w*)")
CONFORMING = re.compile(r"^\s*(?:package |public |private |fileprivate )?extension\s+[\w.]+\s*:\s*\S")
TRAPS = re.compile(r"\btry!|\bas!")
MACHINE_PATH = re.compile("/" + r"(?:work|tmp/portico|root|home/\w+|Users/\w+)/")
# Requirements of the standard library and of packages, which are documented where they are declared.
FOREIGN_REQUIREMENTS = frozenset({"run", "validate", "hash", "encode", "makeIterator", "next", "log", "enqueue"})


def tracked() -> list[pathlib.Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    return [path for name in listing.split("\0") if name and (path := pathlib.Path(name)).is_file()]


def is_documented(lines: list[str], number: int) -> bool:
    """Whether the declaration at the index has a `///` above it, with nothing but attributes and conditions between."""
    above = number - 1
    while above >= 0 and re.match(r"\s*(?:@|#if|#else)", lines[above]):
        above -= 1
    return above >= 0 and lines[above].lstrip().startswith("///")


def depth_change(line: str) -> int:
    code = re.sub(r'"(?:\\.|[^"\\])*"', "", line.split("//")[0])
    return code.count("{") - code.count("}")


def declarations(lines: list[str]):
    """Yields (index, kind, name) of types, functions and requirements; `kind` is `type`, `function` or `requirement`."""
    depth, scopes, in_text = 0, [], False
    for number, line in enumerate(lines):
        if line.count('"""') % 2:
            in_text = not in_text
        if in_text or line.lstrip().startswith("//"):
            continue
        while scopes and depth < scopes[-1][0]:
            scopes.pop()
        kind = scopes[-1][1] if scopes and depth == scopes[-1][0] else None
        if match := TYPE.match(line):
            yield number, "type", match.group(1)
        elif kind == "protocol" and (match := REQUIREMENT.match(line)):
            yield number, "requirement", match.group(1) or "subscript"
        elif kind != "conforming" and (match := FUNCTION.match(line)):
            yield number, "function", match.group(1)
        change = depth_change(line)
        if change > 0 and PROTOCOL.match(line):
            scopes.append((depth + 1, "protocol"))
        elif change > 0 and CONFORMING.match(line):
            scopes.append((depth + 1, "conforming"))
        depth += change


def undocumented(lines: list[str], requirements: frozenset[str]):
    """Yields (index, name) of each declaration that lacks its comment."""
    for number, kind, name in declarations(lines):
        if not (kind == "function" and name in requirements) and not is_documented(lines, number):
            yield number, name


def requirements(paths: list[pathlib.Path]) -> frozenset[str]:
    """The names of all requirements that our protocols state."""
    sources = [path for path in paths if path.suffix == ".swift" and path.parts[0] == "Sources"]
    found = {
        name for path in sources for _, kind, name in declarations(path.read_text().splitlines()) if kind == "requirement"
    }
    return frozenset(found) | FOREIGN_REQUIREMENTS


def findings(path: pathlib.Path, requirements: frozenset[str]):
    try:
        lines = path.read_text().splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines):
        if MACHINE_PATH.search(line):
            yield number, "names a path of one machine"
    if path.suffix != ".swift":
        return
    if len(lines) > LONGEST:
        yield LONGEST, f"has {len(lines)} lines; split it at {LONGEST}"
    if path.parts[0] != "Sources":
        return
    for number, line in enumerate(lines):
        if TRAPS.search(line.split("//")[0]):
            yield number, "traps instead of throwing"
    for number, name in undocumented(lines, requirements):
        yield number, f"{name} has no documentation comment"


def main() -> int:
    paths = tracked()
    known = requirements(paths)
    found = [f"{path}:{number + 1}: {what}" for path in paths for number, what in findings(path, known)]
    print("\n".join(found), end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
