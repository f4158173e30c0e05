#!/usr/bin/env python3
"""Hold payerspec's verdicts against those of HL7's validator, resource by resource.

    agreement.py --payerspec PATH --material PATH --out FOLDER [--reuse]

PATH of material is the built example `oracle-material`. Prints how often both see an error or none, by family, at the same
places or not, and the time that both took. Fails on a disagreement that disagreements.toml does not explain, and on a row of it
that no longer applies. `--reuse` takes the reports of HL7's validator from the last run.
"""

import argparse
import collections
import dataclasses
import fnmatch
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = HERE.parent.parent.parent / "shared/packages"
CORES = {"2.0.0": "3.1.1", "2.1.0": "6.1.0", "2.2.0": "7.0.0"}
TIMED = "2.0.0/payer"
# The record again and again: long enough that the start does not count.
REPETITIONS = 200


@dataclasses.dataclass(frozen=True)
class Disagreement:
    family: str
    file: str
    ours: str
    theirs: str
    reason: str

    def verdict(self):
        return f"{self.family} {self.file}: ours {self.ours or 'fine'}; theirs {self.theirs or 'fine'} ({self.reason})"


def families(material):
    """(name, folder, guide) of everything that is judged, in order."""
    found = []
    for folder in sorted(material.glob("*/*")):
        version = folder.parent.name
        guide = f"hl7.fhir.us.core#{CORES[version]}" if folder.name.startswith("core") else f"hl7.fhir.us.carin-bb#{version}"
        found.append((f"{version}/{folder.name}", folder, guide))
    return found


def place(location):
    """A location as both write it, without indexes and without the type of a choice or a contained resource."""
    location = re.sub(r"/\*.*?\*/", "", location or "")
    location = re.sub(r"\.ofType\(\w+\)|\[x\]|\[\d+\]", "", location)
    return location.removesuffix(".reference")


def is_near(one, other):
    return one == other or one.rpartition(".")[0] == other or other.rpartition(".")[0] == one


def judge_by_us(payerspec, material):
    """Errors by file, as a list of (place, rule)."""
    errors = {}
    for name, folder, guide in families(material):
        command = [payerspec, "validate", "--guide", guide, "--format", "ndjson", folder]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}")
        for line in done.stdout.splitlines():
            judged = json.loads(line)
            found = errors.setdefault((name, pathlib.Path(judged["file"]).name), [])
            found += [(place(one["path"]), one["rule"]) for one in judged["findings"] if one["severity"] == "error"]
    return errors


def judge_by_them(material, out, reuse):
    """Errors by file, as a list of (place, message), and the warm milliseconds of the timed files."""
    errors, times = {}, []
    by_version = collections.defaultdict(list)
    for name, folder, _ in families(material):
        neighbours = {"mutants": "examples", "core-mutants": "core"}.get(folder.name)
        argument = f"{folder}:{folder.parent / neighbours}" if neighbours else str(folder)
        by_version[folder.parent.name].append(f"timed:{argument}" if name == TIMED else argument)
    for version, folders in by_version.items():
        report = out / f"theirs-{version}.jsonl"
        if not (reuse and report.exists()):
            with report.open("w") as stdout, report.with_suffix(".log").open("w") as log:
                subprocess.run([HERE / "validate.sh", "judge", version, *folders], stdout=stdout, stderr=log, check=True)
        for line in report.read_text().splitlines():
            judged = json.loads(line)
            path = pathlib.Path(judged["file"])
            name = f"{path.parent.parent.name}/{path.parent.name}"
            found = [one for one in judged["messages"] if one["severity"] in ("error", "fatal")]
            errors[name, path.name] = [(place(one["location"]), one["message"]) for one in found]
            if name == TIMED:
                times.append(judged["milliseconds"])
    return errors, times


def disagreements(ours, theirs):
    found = []
    for key in sorted(theirs):
        mine, other = ours[key], theirs[key]
        if bool(mine) != bool(other):
            where, reason = (mine or other)[0]
            found.append(Disagreement(*key, ours="error" if mine else "", theirs="error" if other else "", reason=f"{where}: {reason}"))
    return found


def explain(found, rows):
    """The disagreements that no row explains, and the rows that explain none."""
    def explains(row, one):
        is_there = fnmatch.fnmatchcase(one.family, row["family"]) and fnmatch.fnmatchcase(one.file, row["file"])
        return is_there and bool(one.ours) == (row["ours"] == "error") and row.get("reason", "") in one.reason

    unexplained = [one for one in found if not any(explains(row, one) for row in rows)]
    stale = [row for row in rows if not any(explains(row, one) for one in found)]
    return unexplained, stale


def print_table(ours, theirs):
    counts = collections.defaultdict(collections.Counter)
    for key in theirs:
        mine, other = ours[key], theirs[key]
        for family in (key[0], "all"):
            row = counts[family]
            row["resources"] += 1
            row[("error" if mine else "fine") + "/" + ("error" if other else "fine")] += 1
            if mine and other:
                row["same place"] += any(is_near(one, two) for one, _ in mine for two, _ in other)
    print(f"{'family':22}{'resources':>10}{'both fine':>10}{'both error':>11}{'same place':>11}{'only ours':>10}{'only HL7':>9}{'agreement':>10}")
    for family, row in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        both = row["fine/fine"] + row["error/error"]
        print(
            f"{family:22}{row['resources']:10}{row['fine/fine']:10}{row['error/error']:11}{row['same place']:11}"
            f"{row['error/fine']:10}{row['fine/error']:9}{both / row['resources']:10.1%}"
        )


def print_rules(ours, theirs):
    """Which of our rules HL7's validator shares, over mutants: the rule begins the file's name."""
    rows = collections.defaultdict(lambda: [0, 0])
    for (family, file), other in theirs.items():
        if family.endswith("mutants"):
            row = rows[file.split("-0")[0].split("-1")[0]]
            row[0] += 1
            row[1] += bool(ours[family, file]) == bool(other)
    print(f"\n{'broken rule':28}{'mutants':>8}{'agreed':>8}")
    for rule, (mutants, agreed) in sorted(rows.items()):
        print(f"{rule:28}{mutants:8}{agreed:8}")


def print_times(payerspec, material, out, times):
    """Both over the same record, after one another, on the same machine."""
    folder = material / TIMED
    resources = sorted(folder.glob("*.json"))
    record = "".join(path.read_text() + "\n" for path in resources)
    lines = out / "record.ndjson"
    lines.write_text(record * REPETITIONS)
    guide = f"hl7.fhir.us.carin-bb#{folder.parent.name}"
    command = [payerspec, "validate", "--guide", guide, "--format", "ndjson", "--min-severity", "error", lines]
    count = len(resources) * REPETITIONS
    print(f"\nThe reference payer's record of CARIN {folder.parent.name}, {len(resources)} resources; a resource takes")
    if times:
        print(f"  HL7's validator, warm, second pass in one process    {sum(times) / len(times):10.3f} ms")
    seconds = {}
    for name, cores in (("payerspec on one core, start and loading included", {min(os.sched_getaffinity(0))}), ("payerspec on all cores", None)):
        began = time.monotonic()
        pin = (lambda cores=cores: os.sched_setaffinity(0, cores)) if cores else None
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False, preexec_fn=pin)
        seconds[name] = time.monotonic() - began
        print(f"  {name:52} {seconds[name] / count * 1000:10.3f} ms  ({count} resources in {seconds[name]:.1f} s)")
    if times:
        one_core = next(iter(seconds.values())) / count * 1000
        print(f"  on one core faster by {sum(times) / len(times) / one_core:.0f} times")
    lines.unlink()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--payerspec", type=pathlib.Path, required=True)
    arguments.add_argument("--material", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments.add_argument("--reuse", action="store_true")
    given = arguments.parse_args()
    material = given.out.resolve() / "material"
    given.out.mkdir(parents=True, exist_ok=True)
    if not (given.reuse and material.exists()):
        subprocess.run(["rm", "-rf", material], check=True)
        subprocess.run([given.material.resolve(), material], check=True)
    subprocess.run([HERE / "validate.sh", "install", PACKAGES], check=True)
    theirs, times = judge_by_them(material, given.out, given.reuse)
    ours = judge_by_us(given.payerspec.resolve(), material)
    print_table(ours, theirs)
    print_rules(ours, theirs)
    print_times(given.payerspec.resolve(), material, given.out, times)
    rows = tomllib.loads((HERE / "disagreements.toml").read_text()).get("disagreement", [])
    found = disagreements(ours, theirs)
    unexplained, stale = explain(found, rows)
    print(f"\n{len(found)} disagreements, {len(found) - len(unexplained)} of them explained in ci/oracle/disagreements.toml")
    for one in unexplained:
        print("not explained:", one.verdict())
    for row in stale:
        print("no longer so:", row)
    sys.exit(1 if unexplained or stale else 0)


if __name__ == "__main__":
    main()
