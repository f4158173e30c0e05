#!/usr/bin/env python3
"""Load the example resources of a FHIR package into a server, and fail if it refuses any.

    load_examples.py PACKAGE.tgz --base URL [--conformance]   one transaction of PUTs
    load_examples.py PACKAGE.tgz --folder FOLDER              FOLDER/<Type>/<id>.json
"""

import argparse
import collections
import json
import pathlib
import sys
import tarfile
import urllib.error
import urllib.request

# What others refer to comes first, for servers that check references in order.
ORDER = [
    "Organization",
    "Practitioner",
    "Patient",
    "RelatedPerson",
    "Coverage",
    "ExplanationOfBenefit",
]

# What a server needs of a guide to search and to declare by it.
CONFORMANCE = ("package/SearchParameter-", "package/StructureDefinition-")


class Refused(Exception):
    """The server did not take what it was given."""


def read_package(path):
    """Return (examples, conformance resources) of the package, each sorted for loading."""
    examples, conformance = [], []
    with tarfile.open(path) as package:
        for member in package:
            name = member.name
            is_example = name.startswith("package/example/")
            wanted = is_example or name.startswith(CONFORMANCE)
            if not (name.endswith(".json") and member.isfile() and wanted):
                continue
            resource = json.load(package.extractfile(member))
            if "resourceType" in resource and "id" in resource:
                (examples if is_example else conformance).append(resource)
    examples.sort(key=lambda resource: (rank(resource), resource["id"]))
    conformance.sort(key=lambda resource: resource["id"])
    return examples, conformance


def rank(resource):
    kind = resource["resourceType"]
    return ORDER.index(kind) if kind in ORDER else len(ORDER)


def send(method, url, body):
    """Send a resource and return the parsed answer."""
    request = urllib.request.Request(
        url,
        data=json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/fhir+json", "Accept": "application/fhir+json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=300) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        excerpt = error.read(2000).decode(errors="replace")
        raise Refused(f"{method} {url} was answered {error.code}: {excerpt}") from error


def put_all(base, resources):
    """Store the resources under their own ids in one transaction."""
    entries = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "request": {
                "method": "PUT",
                "url": f"{resource['resourceType']}/{resource['id']}",
            },
        }
        for resource in resources
    ]
    answer = send("POST", base, {"resourceType": "Bundle", "type": "transaction", "entry": entries})
    statuses = [entry.get("response", {}).get("status", "none") for entry in answer.get("entry", [])]
    refused = [
        f"{entry['request']['url']}: {status}"
        for entry, status in zip(entries, statuses)
        if not status.startswith(("200", "201"))
    ]
    if refused or len(statuses) != len(entries):
        raise Refused(
            f"{len(entries)} sent, {len(statuses)} answered, refused: {', '.join(refused) or 'none'}"
        )


def verify(base, resources):
    """Read every resource back, since a server may accept and not store."""
    for resource in resources:
        path = f"{resource['resourceType']}/{resource['id']}"
        with urllib.request.urlopen(f"{base}/{path}", timeout=60) as response:
            stored = json.load(response)
        if (stored.get("resourceType"), stored.get("id")) != (
            resource["resourceType"],
            resource["id"],
        ):
            raise Refused(f"{path} was accepted but reads as {str(stored)[:200]}")


def write_all(folder, resources):
    """Write the files that a file-backed server reads at its start."""
    for resource in resources:
        path = folder / resource["resourceType"] / f"{resource['id']}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(resource), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("package", type=pathlib.Path)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--base")
    where.add_argument("--folder", type=pathlib.Path)
    parser.add_argument(
        "--conformance",
        action="store_true",
        help="load the package's search parameters and profiles first",
    )
    arguments = parser.parse_args()

    try:
        examples, conformance = read_package(arguments.package)
        if not examples:
            raise Refused(f"{arguments.package} holds no examples")
        if arguments.folder:
            write_all(arguments.folder, examples)
        else:
            base = arguments.base.rstrip("/")
            if arguments.conformance:
                # First: resources are indexed by the parameters known when they are stored.
                for resource in conformance:
                    path = f"{resource['resourceType']}/{resource['id']}"
                    send("PUT", f"{base}/{path}", resource)
                print(f"{len(conformance)} search parameters and profiles loaded")
            put_all(base, examples)
            verify(base, examples)
    except (Refused, OSError, ValueError, tarfile.TarError) as error:
        sys.exit(f"load_examples: {error}")

    counts = collections.Counter(resource["resourceType"] for resource in examples)
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(counts.items())))
    print(f"{len(examples)} examples loaded")


if __name__ == "__main__":
    main()
