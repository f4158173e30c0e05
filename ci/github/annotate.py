"""Tells the failing cases of a results.json as annotations of a GitHub job. Texts of servers are data here, never commands."""

import argparse
import json
import pathlib
import sys

# A step shows ten errors and ten warnings; more are dropped without a word.
MOST = 10
MOST_TEXT = 1000
VERDICTS = ("conformant", "deviates", "not-measured")


def data(text):
    """Text as the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def field(text):
    """Text as a property of a workflow command."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def command(kind, title, message):
    return f"::{kind} title={field(title[:MOST_TEXT])}::{data(message[:MOST_TEXT])}"


def message(case):
    """What was wrong with a case: the first finding, else the reason."""
    findings = case["findings"]
    if not findings:
        return case["reason"] or case["outcome"]
    first = findings[0]
    more = f" (and {len(findings) - 1} more findings)" if len(findings) > 1 else ""
    return f"{first['check']} at {first['at']}: expected {first['expected']}, actual {first['actual']}{more}"


def kind(case):
    """error for what fails the gate, warning for what a person should see; nothing for the rest and for known deviations."""
    required = case["level"] == "SHALL"
    if case["known"] is not None:
        return None
    if case["outcome"] in ("fail", "error") or (case["outcome"] == "inconclusive" and required):
        return "error"
    return "warning" if case["outcome"] == "warn" else None


def annotations(results):
    lines = []
    for wanted in ("error", "warning"):
        cases = [case for case in results["cases"] if kind(case) == wanted]
        # One place is kept for how many are not shown.
        shown = cases if len(cases) <= MOST else cases[: MOST - 1]
        lines += [command(wanted, f"{case['outcome']}: {case['id']}", message(case)) for case in shown]
        if len(cases) > len(shown):
            lines.append(command(wanted, "payerspec", f"{len(cases) - len(shown)} more: see the job summary and junit.xml"))
    lines += [command("error", "stale baseline", entry) for entry in results["stale_baseline"]]
    return lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--code", type=int, required=True, help="how payerspec ended")
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--verdict-only", action="store_true")
    arguments = parser.parse_args()
    try:
        results = json.loads(arguments.results.read_text(encoding="utf-8"))
    except FileNotFoundError:
        results = None
    if arguments.verdict_only:
        verdict = results["verdict"] if results else ""
        print(verdict if verdict in VERDICTS else "")
        return
    if results:
        print("\n".join(annotations(results)))
    if arguments.code in (2, 3, 4):
        why = {2: "bad input: nothing was sent", 3: "not measured", 4: "a report could not be written"}[arguments.code]
        print(command("error", "payerspec", f"{why}; the log says more"))


if __name__ == "__main__":
    sys.exit(main())
