#!/usr/bin/env python3
"""Print the failures of a run as a draft of a baseline, for a person to review.

    propose_baseline.py OUT/results.json [--by-type] > draft.toml

Failures of one check that differ only in the resource type become one entry with a pattern, under a
comment that counts them and quotes two. Every `because` is left empty and payerspec refuses an
empty one, so no entry gets in without a reason: look at the requests behind it, decide that the
server is wrong and not payerspec, say in what, and narrow the pattern to what the reason explains.
"""

import argparse
import collections
import json
import pathlib


def pattern(case_id):
    """The case id with its resource type, its second part, replaced by an asterisk."""
    parts = case_id.split(".")
    if len(parts) > 2 and parts[1][:1].isupper():
        parts[1] = "*"
    return ".".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path)
    parser.add_argument("--by-type", action="store_true", help="keep resource types apart")
    arguments = parser.parse_args()
    results = json.loads(arguments.results.read_text(encoding="utf-8"))

    groups = collections.defaultdict(list)
    for case in results["cases"]:
        if case["outcome"] != "fail":
            continue
        name = case["id"] if arguments.by_type else pattern(case["id"])
        for finding in case["findings"]:
            groups[(finding["check"], name)].append((case["id"], finding))

    print(f"# Drafted from {len(results['cases'])} cases of a run against {results['target']}.")
    for (check, name), findings in sorted(groups.items(), key=lambda item: (item[0][0], -len(item[1]))):
        cases = sorted({case_id for case_id, _ in findings})
        print(f"\n# {len(cases)} cases, {len(findings)} findings, such as")
        for case_id, finding in findings[:2]:
            print(f"#   {case_id}")
            print(f"#     expected {finding['expected'][:160]}")
            print(f"#     actual   {finding['actual'][:160]}")
        print("[[known]]")
        print(f"case = {json.dumps(cases[0] if len(cases) == 1 else name)}")
        print(f"check = {json.dumps(check)}")
        print('because = ""')


if __name__ == "__main__":
    main()
