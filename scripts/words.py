"""Finds words that docs/glossary.md replaces, in comments, strings, names of tests and documents.

>>> [word for _, word in problems("a.md", ["Nobody asks.", "It is cached in memory.", "sent in clear; in clear text"])]
['Nobody', 'in clear']
>>> problems("a.swift", ["let books = Books()  // The books.", 'log("\\\\(books.count) rows")'])
[(0, 'books')]
>>> problems("a.swift", ["@Test func `nobody waits`() {", 'let text = \"\"\"', "mend it", '\"\"\"', "// A recommendation is amended."])
[(0, 'nobody'), (2, 'mend')]
>>> problems("a.py", ['user = "nobody"'])
[]
>>> problems("a.py", ["books = 1  # anew", "def test_nobody_waits():", '    \"\"\"Somebody', '    else."\"\"', "# whoever"])
[(0, 'anew'), (1, 'nobody'), (2, 'Somebody'), (4, 'whoever')]
"""

import io
import re
import tokenize

# docs/glossary.md has the replacements. The literal "nobody" is a user of the system.
WORDS = re.compile(
    r"\b(books|anew|mend|mends|mended|mending|whom|whoever|whomever|nobody(?!(?<=[\"']nobody)[\"'])|somebody|oftener"
    r"|courier|couriers|in clear(?! text)|at hand|lately)\b", re.IGNORECASE)
INTERPOLATION = re.compile(r"\\#*\((?:[^()]|\([^()]*\))*\)")
SWIFT_TEXT = re.compile(r'//.*|#"(?:.*?)"#|"(?:\\.|[^"\\])*"|`[^`]*\s[^`]*`')
PYTHON_TEXT = {tokenize.COMMENT, tokenize.STRING} | {
    getattr(tokenize, name) for name in ["FSTRING_MIDDLE"] if hasattr(tokenize, name)}
TEST_NAME = re.compile(r"\s*def (test_\w+)")
SCRIPT_COMMENT = re.compile(r"(?:^|\s)(?:#|--).*")


def swift(lines):
    """Yields (index, text) for comments, string literals and backticked names of Swift and C."""
    in_text = False
    for index, line in enumerate(lines):
        if line.count('"""') % 2:
            in_text = not in_text
        elif in_text:
            yield index, INTERPOLATION.sub("", line)
        else:
            for match in SWIFT_TEXT.finditer(INTERPOLATION.sub("", line)):
                yield index, match[0]


def python(lines):
    """Yields (index, text) for comments, string literals and names of tests."""
    for index, line in enumerate(lines):
        if match := TEST_NAME.match(line):
            yield index, match[1].replace("_", " ")
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type in PYTHON_TEXT:
            for offset, text in enumerate(token.string.split("\n")):
                yield token.start[0] - 1 + offset, text


def texts(name, lines):
    """Yields (index, text) for the parts of a file that people read; `name` decides how it is read."""
    if name.endswith((".swift", ".c", ".h")):
        yield from swift(lines)
    elif name.endswith(".py"):
        yield from python(lines)
    elif name.endswith(".md"):
        yield from enumerate(lines)
    else:
        yield from ((index, match[0]) for index, line in enumerate(lines) for match in SCRIPT_COMMENT.finditer(line))


def problems(name, lines):
    """Returns index and word of each use, in the order of the lines."""
    return sorted((index, match[0]) for index, text in texts(name, lines) for match in WORDS.finditer(text))
