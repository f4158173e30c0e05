#!/usr/bin/env python3
"""Run payerspec against real FHIR servers that nobody here wrote, and check what it says of them.

    real_servers.py --payerspec PATH [--out FOLDER] [--package PACKAGE.tgz] [SERVER...]

Each server is installed from a package registry, started on loopback, loaded with the official
CARIN examples and measured twice. Without a baseline it must be found wrong for the reasons named
below. With its committed baseline nothing may be left over: a failure that the baseline does not
know and an entry that matches nothing both fail. A server that cannot be had fails too.
"""

import argparse
import collections
import dataclasses
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent.parent / "shared/packages/hl7.fhir.us.carin-bb-2.0.0.tgz"
MEMBER = "Patient1"


@dataclasses.dataclass(frozen=True)
class Server:
    """A server, how it is loaded, and what must be said of it."""

    name: str
    script: str
    # "transaction", "transaction with conformance", "folder" or "nothing".
    load: str
    least_cases: int
    # (pattern of the case id, check): each must be among the failures.
    reasons: tuple
    exit_code: int = 1
    verdict: str = "deviates"


SERVERS = [
    Server(
        name="sekmet",
        script="sekmet.sh",
        load="transaction",
        least_cases=300,
        reasons=(
            ("c4bb.ExplanationOfBenefit.search.service-date.declared", "declares.search-param"),
            ("c4bb.ExplanationOfBenefit.include.coverage", "search.include"),
        ),
    ),
    Server(
        name="hapi",
        script="hapi.sh",
        load="transaction",
        least_cases=1000,
        reasons=(
            ("c4bb.ExplanationOfBenefit.search.service-date.declared", "declares.search-param"),
            ("c4bb.ExplanationOfBenefit.search.type.declared", "declares.search-param"),
        ),
    ),
    Server(
        name="hapi-c4bb",
        script="hapi.sh",
        load="transaction with conformance",
        least_cases=1000,
        reasons=(("c4bb.metadata.instantiates", "metadata.instantiates"),),
    ),
    Server(
        name="fhirsnake",
        script="fhirsnake.sh",
        load="folder",
        least_cases=200,
        reasons=(
            ("r4.metadata.capability-statement", "metadata.capability-statement"),
            ("c4bb.ExplanationOfBenefit.search.service-date", "search.precision"),
        ),
    ),
    Server(
        name="fhirstarter",
        script="fhirstarter.sh",
        load="nothing",
        least_cases=1,
        reasons=(("r4.metadata.fhir-version", "metadata.fhir-version"),),
        exit_code=3,
        verdict="not-measured",
    ),
]


# Runs a program and writes its peak memory in KiB to a file. A process inherits the peak of the one
# that started it, so the small one in between keeps this script's own memory out of the figure.
LAUNCHER = """
import os, sys
report, *command = sys.argv[1:]
_, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
with open(report, "w") as file:
    file.write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


class Unexpected(Exception):
    """What was found is not what must be found."""


@dataclasses.dataclass
class Run:
    """One run of payerspec."""

    results: dict
    exit_code: int
    seconds: float
    peak_mebibytes: float
    output: str

    def tally(self):
        return {name: count for name, count in self.results["tally"].items() if count}

    def failures(self):
        """(case id, check) of every finding of every failed case."""
        return [
            (case["id"], finding["check"])
            for case in self.results["cases"]
            if case["outcome"] == "fail"
            for finding in case["findings"]
        ]


def script(server, *arguments):
    """Call the server's script and return what it prints."""
    command = [str(HERE / "servers" / server.script), *map(str, arguments)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    except OSError as error:
        raise Unexpected(f"cannot call {' '.join(command)}: {error}") from error
    if done.returncode != 0:
        raise Unexpected(f"{' '.join(command)} ended with {done.returncode}")
    return done.stdout.strip()


def load(server, package, base=None, folder=None):
    command = [sys.executable, str(HERE / "load_examples.py"), str(package)]
    command += ["--folder", str(folder / "resources")] if folder else ["--base", base]
    if server.load == "transaction with conformance":
        command.append("--conformance")
    if subprocess.run(command, check=False).returncode != 0:
        raise Unexpected("the examples could not be loaded")


def measure(payerspec, base, out, *extra):
    """Run payerspec once and read its results."""
    out.mkdir(parents=True, exist_ok=True)
    command = [str(payerspec), "run", "--target", base, "--patient", MEMBER, "--out", str(out)]
    command += map(str, extra)
    launcher = [sys.executable, "-c", LAUNCHER, str(out / "peak.txt"), *command]
    started = time.monotonic()
    with open(out / "terminal.txt", "w", encoding="utf-8") as terminal:
        done = subprocess.run(launcher, stdout=terminal, stderr=subprocess.STDOUT, check=False)
    seconds = time.monotonic() - started
    output = (out / "terminal.txt").read_text(encoding="utf-8")
    results = out / "results.json"
    if not results.is_file():
        raise Unexpected(f"{' '.join(command)} wrote no results.json and said:\n{output[-3000:]}")
    return Run(
        results=json.loads(results.read_text(encoding="utf-8")),
        exit_code=done.returncode,
        seconds=seconds,
        peak_mebibytes=int((out / "peak.txt").read_text(encoding="utf-8")) / 1024,
        output=output,
    )


def check_plain(server, run):
    """Without a baseline: completed, wrong, and for the right reasons."""
    expect("exit code", run.exit_code, server.exit_code, run)
    expect("verdict", run.results["verdict"], server.verdict, run)
    errors = [case["id"] for case in run.results["cases"] if case["outcome"] == "error"]
    if errors:
        reasons = [
            f"{case['id']}: {case.get('reason')}"
            for case in run.results["cases"]
            if case["outcome"] == "error"
        ]
        raise Unexpected(f"{len(errors)} cases ended in error:\n  " + "\n  ".join(reasons[:20]))
    if len(run.results["cases"]) < server.least_cases:
        raise Unexpected(f"{len(run.results['cases'])} cases, at least {server.least_cases} expected")
    failures = run.failures()
    for pattern, check in server.reasons:
        if not any(fnmatch.fnmatch(case, pattern) and found == check for case, found in failures):
            raise Unexpected(f"no failure of {check} in {pattern}")


def check_known(server, run):
    """With the baseline: nothing new and nothing stale."""
    if run.exit_code != 0:
        lines = [line for line in run.output.splitlines() if line.strip()]
        raise Unexpected(
            f"exit code {run.exit_code} with ci/baselines/{server.name}.toml, so something is new or "
            "stale; the end of the output:\n  " + "\n  ".join(lines[-60:])
        )
    expect("verdict with the baseline", run.results["verdict"], "conformant", run)


def expect(what, actual, wanted, run):
    if actual != wanted:
        raise Unexpected(f"{what} is {actual}, expected {wanted}:\n{run.output[-3000:]}")


def measure_server(server, payerspec, package, out):
    """Install, start, load and measure one server; return its rows for the table."""
    folder = out / server.name
    folder.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    script(server, "install")
    installed = time.monotonic()
    if server.load == "folder":
        load(server, package, folder=folder)
    base = script(server, "start", folder).splitlines()[-1]
    try:
        print(f"{server.name}: {base}, installed in {installed - started:.1f} s, ", end="")
        print(f"started in {time.monotonic() - installed:.1f} s", flush=True)
        if server.load.startswith("transaction"):
            load(server, package, base=base)
        plain = measure(payerspec, base, folder / "plain")
        check_plain(server, plain)
        rows = [row(server.name, plain)]
        if server.exit_code == 1:
            baseline = HERE / "baselines" / f"{server.name}.toml"
            known = measure(
                payerspec, base, folder / "known", "--baseline", baseline, "--allow-inconclusive"
            )
            check_known(server, known)
            rows.append(row(f"{server.name}, baseline", known))
        return rows
    finally:
        script(server, "stop", folder)


def row(name, run):
    return (
        name,
        str(len(run.results["cases"])),
        " ".join(f"{outcome} {count}" for outcome, count in run.tally().items()),
        f"{run.seconds:.1f}",
        str(run.results.get("requests", "?")),
        f"{run.peak_mebibytes:.0f}",
        run.results["verdict"],
    )


def print_table(rows):
    head = ("server", "cases", "outcomes", "seconds", "requests", "peak MiB", "verdict")
    widths = [max(len(line[column]) for line in [head, *rows]) for column in range(len(head))]
    for line in [head, *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--payerspec", type=pathlib.Path, required=True, help="the built program")
    parser.add_argument("--out", type=pathlib.Path, help="keep reports and logs here")
    parser.add_argument("--package", type=pathlib.Path, default=PACKAGE, help="whose examples are loaded")
    parser.add_argument("servers", nargs="*", metavar="SERVER", help="default: all")
    arguments = parser.parse_args()
    known = {server.name: server for server in SERVERS}
    unknown = [name for name in arguments.servers if name not in known]
    if unknown:
        parser.error(f"unknown server {unknown[0]}; there are {', '.join(known)}")
    out = arguments.out or pathlib.Path(tempfile.mkdtemp(prefix="payerspec-servers-"))

    rows, problems = [], collections.OrderedDict()
    for name in arguments.servers or known:
        try:
            rows += measure_server(known[name], arguments.payerspec.resolve(), arguments.package, out.resolve())
        except Unexpected as problem:
            problems[name] = str(problem)
            print(f"{name}: FAILED", flush=True)
    print()
    print_table(rows)
    for name, problem in problems.items():
        print(f"\n{name}: {problem}", file=sys.stderr)
    print(f"\nreports and server logs: {out}")
    print(f"{len(rows)} runs as expected, {len(problems)} servers failed")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
