#!/usr/bin/python3
# SPDX-License-Identifier: MPL-2.0
# Copyright the pvsboot authors
"""count.py BUILD: sums what the tests of `make check` counted themselves; automake counts programs.

Shows the logs of those that failed, and ends with one line, `N passed, N failed`. A test that
counted nothing counts as one."""

import pathlib
import re
import sys

CHECK = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)", re.MULTILINE)
PASSED = re.compile(r"\b(\d+) passed\b")
FAILED = re.compile(r"\b(\d+) (?:failed|errors?)\b")
# pytest's last line, and that of the replays and lints: "3 passed, 1 failed in 2.1s".
SUMMARY = re.compile(r"^.*\b\d+ (?:passed|failed|errors?|skipped)\b.*$", re.MULTILINE)


def counts(log):
    """(passed, failed) as the log of one test says it; None when it says nothing."""
    checks = CHECK.findall(log)
    if checks:
        bad = sum(int(failures) + int(errors) for _, failures, errors in checks)
        return sum(int(total) for total, _, _ in checks) - bad, bad
    lines = SUMMARY.findall(log)
    if not lines:
        return None
    return (sum(map(int, PASSED.findall(lines[-1]))), sum(map(int, FAILED.findall(lines[-1]))))


def main(build):
    passed = failed = skipped = 0
    for trs in sorted(build.rglob("*.trs")):
        result = re.search(r"^:global-test-result: (\w+)", trs.read_text(), re.MULTILINE)[1]
        log = trs.with_suffix(".log").read_text(errors="replace")
        if result == "SKIP":
            skipped += 1
            continue
        good, bad = counts(log) or (int(result == "PASS"), 0)
        if result != "PASS":
            bad = max(bad, 1)
            print(f"--- {trs.relative_to(build).with_suffix('.log')}\n{log}")
        passed += good
        failed += bad
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed > 0 and failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
