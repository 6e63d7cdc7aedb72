"""Mutation tests of the pure rules: the life cycle of sessions, the desired access, and the reconciler's queue.

Builds a small package of these rules and their tests in `.build-mutants`, so that one change is built and tested in
seconds. Exits 1 if a change survives that EXPLAINED does not name.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = ROOT / ".build-mutants"
RULES = {
    "Captive": ["Sessions/SessionLifecycle", "Sessions/DesiredAccess", "Sessions/Ownership", "Limits/Backoff"],
    "Gateways": ["Reconcile/DeviceQueue", "Reconcile/DeviceEntry", "Reconcile/RetryPolicy"],
}
TESTS = {"CaptiveTests": ["Sessions"], "GatewaysTests": ["DeviceQueueTests.swift", "RetryPolicyTests.swift"]}

# A part of the changed line, and why its change cannot be noticed.
EXPLAINED = {
    "min(max(failures, 1) - 1, 20)": "the waits of all uses reach their longest value before the twentieth failure",
    "if routerFailures > 0, !hasCome(pausedUntil": "without failures the pause has passed, so the condition is false anyway",
    "let moment = candidate.map { max($0": "without failures the end of the pause is in the distant past, and any later moment wins",
}

PACKAGE = """// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let package = Package(
    name: "mutants",
    dependencies: [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.2")],
    targets: [
        .target(name: "NetworkAddress", swiftSettings: strict),
        .target(name: "TimeZones", swiftSettings: strict),
        .target(name: "Images", dependencies: ["NetworkAddress"], swiftSettings: strict),
        .target(
            name: "Captive",
            dependencies: ["Images", "NetworkAddress", "TimeZones", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),
        .target(name: "Gateways", dependencies: ["Captive", "NetworkAddress"], swiftSettings: strict),
        .testTarget(name: "CaptiveTests", dependencies: ["Captive", "NetworkAddress"], swiftSettings: strict),
        .testTarget(
            name: "GatewaysTests", dependencies: ["Captive", "Gateways", "NetworkAddress"], swiftSettings: strict),
    ])
"""

SWAPS = [
    (" == ", " != "), (" != ", " == "), (" < ", " <= "), (" <= ", " < "), (" > ", " >= "), (" >= ", " > "),
    (" && ", " || "), (" || ", " && "), (" + ", " - "), (" - ", " + "), ("true", "false"), ("false", "true"),
    ("max(", "min("), ("min(", "max("), (".max()", ".min()"), (".min()", ".max()"),
]
NUMBER = re.compile(r"(?<![\w.$])(\d[\d_]*(?:\.\d+)?)(?![\w.])")
NEGATION = re.compile(r"(?<=[\s(])!(?=[\w(])")
CONDITION = re.compile(r"\b(if|guard) ((?!let |var |case )!?[\w.()?: \[\]$]+?)(?=,| \{| else)")


def changes(line):
    """Yields each line with one change.

    >>> list(changes("if a == 1, b {"))
    ['if a != 1, b {', 'if a == 2, b {']
    >>> list(changes("    guard isHere else { return }"))
    ['    guard !(isHere) else { return }']
    >>> list(changes("/// a == b"))
    []
    """
    code = line.split("//")[0]
    if not code.strip() or code.lstrip().startswith(("import", "package import", "internal import")):
        return
    text = [match.span() for match in re.finditer(r'"(?:\\.|[^"\\])*"', code)]
    outside = lambda at: not any(start <= at < end for start, end in text)
    for old, new in SWAPS:
        for match in re.finditer(re.escape(old), code):
            if outside(match.start()) and not ("true" in old + new and re.match(r"\w", code[match.end():][:1] or " ")):
                yield line[: match.start()] + new + line[match.end():]
    for match in NUMBER.finditer(code):
        if outside(match.start()) and not re.search(r"\$$", code[: match.start()]):
            number = match.group(1).replace("_", "")
            more = str(float(number) + 1) if "." in number else str(int(number) + 1)
            yield line[: match.start()] + more + line[match.end():]
    for match in NEGATION.finditer(code):
        if outside(match.start()):
            yield line[: match.start()] + line[match.end():]
    for match in CONDITION.finditer(code):
        if outside(match.start()):
            yield line[: match.start(2)] + f"!({match.group(2)})" + line[match.end(2):]


def prepare():
    """Copies rules and tests; what was built before stays."""
    PLACE.mkdir(exist_ok=True)
    (PLACE / "Package.swift").write_text(PACKAGE)
    for folder in ["Sources", "Tests"]:
        shutil.rmtree(PLACE / folder, ignore_errors=True)
    for target in ["NetworkAddress", "TimeZones", "Images", "Captive"]:
        shutil.copytree(ROOT / "Sources" / target, PLACE / "Sources" / target)
    for name in RULES["Gateways"]:
        copy(f"Sources/Gateways/{name}.swift")
    for target, names in TESTS.items():
        for name in names:
            copy(f"Tests/{target}/{name}")


def copy(path):
    target = PLACE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if (ROOT / path).is_dir():
        shutil.copytree(ROOT / path, target)
    else:
        shutil.copy(ROOT / path, target)


def outcome():
    """`invalid` if the package cannot be built, `killed` if a test fails, else `survived`."""
    if run("swift", "build", "--build-tests").returncode != 0:
        return "invalid"
    try:
        return "survived" if run("swift", "test", "--skip-build", "--no-parallel", timeout=60).returncode == 0 else "killed"
    except subprocess.TimeoutExpired:
        return "killed"


def run(*command, timeout=1_800):
    return subprocess.run(command, cwd=PLACE, capture_output=True, text=True, timeout=timeout)


def main(words):
    prepare()
    first = run("swift", "build", "--build-tests")
    if first.returncode != 0 or outcome() != "survived":
        sys.exit("mutants: the tests fail without a change:\n" + first.stdout[-2_000:])
    counts, survivors = {"killed": 0, "invalid": 0, "explained": 0}, []
    for target, names in RULES.items():
        for name in names:
            if words and not any(word in name for word in words):
                continue
            path = PLACE / "Sources" / target / f"{name}.swift"
            original = path.read_text()
            lines = original.splitlines(keepends=True)
            for index, line in enumerate(lines):
                for changed in changes(line):
                    path.write_text("".join(lines[:index] + [changed] + lines[index + 1:]))
                    found = outcome()
                    if found == "survived":
                        if any(part in line for part in EXPLAINED):
                            found = "explained"
                        else:
                            survivors.append(f"{name}.swift:{index + 1}: {line.strip()}  ->  {changed.strip()}")
                            print("survived:", survivors[-1], flush=True)
                    counts[found] = counts.get(found, 0) + 1
            path.write_text(original)
    print(f"mutants: {counts['killed']} killed, {len(survivors)} survived, {counts['explained']} explained, "
          f"{counts['invalid']} not buildable")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
