"""House rules that no other tool checks. Prints FILE:LINE: PROBLEM for each problem; exits 1 if there is one."""

import pathlib
import re
import sys

import documentation
import external_numbers
import external_text
import words

ROOT = pathlib.Path(__file__).resolve().parent.parent
LONGEST_FILE = 500
WIDEST_COMMENT = 120
# The files that list the words that are not used.
WORD_LISTS = ["docs/glossary.md", "scripts/words.py"]
FORBIDDEN = [
    (re.compile(r"\btry!"), "try! is not used here"),
    (re.compile(r"\bas!"), "as! is not used here"),
    (re.compile(r"\b(TODO|FIXME|XXX)\b"), "a leftover marker"),
]
UNSAFE = re.compile(r"@unchecked Sendable|nonisolated\(unsafe\)")
LITERAL = re.compile(r'#".*?"#|"(?:\\.|[^"\\])*"')
# The targets that read what guests, routers, providers and mail servers send.
READERS = {"ControlAPI", "Doctor", "Gateways", "GuestPortal", "HTTPClient", "HTTPServer", "Notifications", "OAuth"}
NAMED_FILE = re.compile(r"`([\w.+-]+(?:/[\w.+-]+)*\.(?:swift|py|mustache))`")
FOREIGN_PATH = re.compile(r"(?<![\w.])/(?:home|root|work|Users)/\w")
READ = {".swift", ".md", ".py", ".mustache", ".css", ".json", ".c", ".h", ".lua", ""}
WORDED = {".swift", ".md", ".py", ".c", ".h", ".lua", ""}


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
    """Simulators are skipped: only the portal and its tests call them."""
    if not any(part.endswith(".Simulator") for part in path.parts):
        for index, problem in external_numbers.problems(lines):
            report(path, index + 1, problem)


def check_text(path, lines, report):
    if path.relative_to(ROOT).parts[1] in READERS:
        for index, problem in external_text.problems(lines):
            report(path, index + 1, problem)


def check_comments(path, lines, report):
    """Comments fit the columns of code; the formatter breaks only code. Strings may be longer."""
    in_text = False
    for number, line in enumerate(lines, 1):
        if line.count('"""') % 2:
            in_text = not in_text
        elif not in_text and len(line) > WIDEST_COMMENT and "//" in LITERAL.sub("", line):
            report(path, number, f"a comment of more than {WIDEST_COMMENT} columns")


def check_words(path, lines, report):
    """The words that docs/glossary.md replaces do not occur in comments, strings, test names and documents."""
    name = path.relative_to(ROOT).as_posix()
    if name not in WORD_LISTS:
        for index, word in words.problems(path.name, lines):
            report(path, index + 1, f"'{word}' is not used here; docs/glossary.md has the word to use")


def check_named_files(path, lines, files, report):
    """Source files that a document names exist; `files` are the paths of all files. `A/B.swift` may omit leading folders."""
    for number, line in enumerate(lines, 1):
        for name in NAMED_FILE.findall(line):
            if "TARGET" not in name and not any(file == name or file.endswith("/" + name) for file in files):
                report(path, number, f"there is no file {name}")


def overview(folder, report):
    """Every target has an overview: one of its files begins with a comment."""
    files = sorted(folder.rglob("*.swift"))
    if files and not any(file.read_text().startswith("// ") for file in files):
        report(folder, 1, "no file of the target begins with an overview")


def texts():
    """Yields the text files of the repository; of files without a suffix only the scripts and the Makefile."""
    yield from sorted(ROOT.glob("*.md"))
    yield ROOT / "Makefile"
    for folder in ["Sources", "Tests", "Templates", "Public", "docs", "scripts", "Benchmarks"]:
        for path in sorted((ROOT / folder).rglob("*")):
            is_script = path.suffix != "" or folder == "scripts"
            if path.is_file() and path.suffix in READ and is_script and ".build" not in path.parts:
                yield path


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
    files = {path.relative_to(ROOT).as_posix() for path in texts()}
    for path in texts():
        lines = path.read_text(errors="replace").splitlines()
        if path.suffix in {".swift", ".c", ".h"}:
            check_comments(path, lines, report)
        if path.suffix == ".md":
            check_named_files(path, lines, files, report)
        if path.suffix in WORDED:
            check_words(path, lines, report)
        for number, line in enumerate(lines, 1):
            if FOREIGN_PATH.search(line):
                report(path, number, "a path of one machine")
    print("\n".join(problems), file=sys.stderr if problems else sys.stdout, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
