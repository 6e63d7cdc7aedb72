"""Rules of the house that no other tool checks. Prints FILE:LINE: what is wrong; exits 1 if anything is."""

import pathlib
import re
import sys

import documentation
import external_numbers
import external_text

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST_FILE = 500
WIDEST_COMMENT = 120
FORBIDDEN = [
    (re.compile(r"\btry!"), "try! is not used here"),
    (re.compile(r"\bas!"), "as! is not used here"),
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "a left-over"),
]
UNSAFE = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)")
LITERAL = re.compile(r'#".*?"#|"(?:\\.|[^"\\])*"')
# The targets that read what guests, routers, providers and mail servers send.
READERS = {"ControlAPI", "Doctor", "Gateways", "GuestPortal", "HTTPClient", "HTTPServer", "Notifications", "OAuth"}
FOREIGN_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")


def check_swift(path, lines, requirements, report):
    if len(lines) > LONGEST_FILE:
        report(path, len(lines), f"more than {LONGEST_FILE} lines; does it do two things?")
    for index, kind, name in documentation.undocumented(lines, requirements):
        report(path, index + 1, f"{kind} {name} has no documentation")
    for index, line in enumerate(lines):
        for pattern, message in FORBIDDEN:
            if pattern.search(line):
                report(path, index + 1, message)
        if UNSAFE.search(line) and not any("Safe because" in near for near in lines[max(0, index - 8) : index + 1]):
            report(path, index + 1, "unsafe without a 'Safe because'")


def check_numbers(path, lines, report):
    """Simulators are asked by the portal and its tests alone."""
    if not any(part.endswith(".Simulator") for part in path.parts):
        for index, problem in external_numbers.problems(lines):
            report(path, index + 1, problem)


def check_text(path, lines, report):
    if path.relative_to(ROOT).parts[1] in READERS:
        for index, problem in external_text.problems(lines):
            report(path, index + 1, problem)


def check_comments(path, lines, report):
    """Comments fit the columns that code has; the formatter breaks code alone. Texts may be as long as they must."""
    in_text = False
    for number, line in enumerate(lines, 1):
        if line.count('"""') % 2:
            in_text = not in_text
        elif not in_text and len(line) > WIDEST_COMMENT and "//" in LITERAL.sub("", line):
            report(path, number, f"a comment of more than {WIDEST_COMMENT} columns")


def overview(folder, report):
    """Every target opens with an overview: one of its files begins with a comment of several lines."""
    files = sorted(folder.rglob("*.swift"))
    if files and not any(file.read_text().startswith("// ") for file in files):
        report(folder, 1, "no file of the target opens with an overview")


def main():
    problems = []

    def report(path, line, message):
        problems.append(f"{path.relative_to(ROOT)}:{line}: {message}")

    sources = {path: path.read_text().splitlines() for path in sorted((ROOT / "Sources").rglob("*.swift"))}
    requirements = documentation.requirements(sources.values())
    for path, lines in sources.items():
        check_swift(path, lines, requirements, report)
        check_numbers(path, lines, report)
        check_text(path, lines, report)
    for folder in sorted((ROOT / "Sources").iterdir()):
        overview(folder, report)
    for folder in ["Sources", "Tests", "Templates", "Public", "docs", "scripts", "Benchmarks"]:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in {".swift", ".md", ".py", ".mustache", ".css", ".json", ".c", ".h"} and ".build" not in path.parts:
                lines = path.read_text(errors="replace").splitlines()
                if path.suffix in {".swift", ".c", ".h"}:
                    check_comments(path, lines, report)
                for number, line in enumerate(lines, 1):
                    if FOREIGN_PATH.search(line):
                        report(path, number, "a path of one machine")
    print("\n".join(problems), file=sys.stderr if problems else sys.stdout, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
