#!/usr/bin/env python3
"""Use report.html as a person does, in headless Chromium.

    report_page.py --payerspec PATH [--out FOLDER]

The report is that of the demo with a fault, so that it has failures and several thousand cases.
`ci/page/check.mjs` narrows, searches, follows links, prints, and lets axe look for barriers. `ci/page/har.mjs` opens its `evidence.har`,
one with posted forms that were answered, and the sample with the importer of Chromium's developer tools.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE / "page"
SAMPLE = HERE.parent / "reports" / "sample" / "evidence.har"
FAULT = "search.ignores-type"
# A payer that answers forms without a token.
OPEN_FORMS = "auth.open-post-search"


def demo(payerspec, fault, out, *options):
    """Run the demo with a fault that makes it deviate."""
    command = [payerspec, "demo", "--fault", fault, "--out", out, *options]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    if done.returncode != 1:
        sys.exit(f"the demo with {fault} ended with {done.returncode}, expected 1")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payerspec", required=True, type=pathlib.Path, help="the built program")
    parser.add_argument("--out", type=pathlib.Path, help="keep the report, its pictures and the printed page here")
    arguments = parser.parse_args()
    out = arguments.out or pathlib.Path(tempfile.mkdtemp(prefix="payerspec-page-"))
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=PAGE, check=True)
    payerspec = arguments.payerspec.resolve()
    demo(payerspec, FAULT, out)
    demo(payerspec, OPEN_FORMS, out / "forms", "--only", "*.access.refuses.*")
    archives = [out / "evidence.har", out / "forms" / "evidence.har", SAMPLE]
    subprocess.run(["node", PAGE / "har.mjs", *archives], check=True)
    sys.exit(subprocess.run(["node", PAGE / "check.mjs", out / "report.html", out], check=False).returncode)


if __name__ == "__main__":
    main()
