#!/usr/bin/env bash
# Fills home/.fhir/packages, the validator's package cache, from the packages given: make-cache.sh PACKAGES-DIRECTORY.
# Terminology and extension packages that cannot be had are stood in for by empty ones: their code systems stay unknown, which gives warnings only.
set -euo pipefail
from=$1
here=$(cd "$(dirname "$0")" && pwd)
cache=$here/home/.fhir/packages
rm -rf "${here:?}/home"
mkdir -p "$cache"
put() { # archive, id, version
  mkdir -p "$cache/$2#$3"
  tar xzf "$from/$1" -C "$cache/$2#$3"
}
empty() { # id, version
  mkdir -p "$cache/$1#$2/package"
  printf '{"name":"%s","version":"%s","type":"IG","canonical":"http://example.org/%s","url":"http://example.org/%s","description":"Empty stand-in","fhirVersions":["4.0.1"],"dependencies":{}}\n' "$1" "$2" "$1" "$1" > "$cache/$1#$2/package/package.json"
  printf '{"index-version":2,"files":[]}\n' > "$cache/$1#$2/package/.index.json"
}
printf '[cache]\nversion = 4\n\n[urls]\n\n[local]\n\n' > "$cache/packages.ini"
put hl7.fhir.r4.core-4.0.1.tgz hl7.fhir.r4.core 4.0.1
put hl7.fhir.us.core-3.1.1.tgz hl7.fhir.us.core 3.1.1
put hl7.fhir.us.core-6.1.0.tgz hl7.fhir.us.core 6.1.0
put hl7.fhir.us.core-7.0.0.tgz hl7.fhir.us.core 7.0.0
put hl7.fhir.us.carin-bb-1.1.0.tgz hl7.fhir.us.carin-bb 1.1.0
put hl7.fhir.us.carin-bb-2.0.0.tgz hl7.fhir.us.carin-bb 2.0.0
put hl7.fhir.us.carin-bb-2.1.0-sushi.tgz hl7.fhir.us.carin-bb 2.1.0
put hl7.fhir.us.carin-bb-2.2.0-sushi.tgz hl7.fhir.us.carin-bb 2.2.0
# What the validator itself asks for.
empty hl7.fhir.xver-extensions 0.1.0
# Dependencies that no public archive of ours holds.
python3 - "$cache" <<'P' | while read -r id version; do [ -d "$cache/$id#$version" ] || empty "$id" "$version"; done
import json, pathlib, sys
for path in pathlib.Path(sys.argv[1]).glob("*/package/package.json"):
    for name, version in (json.loads(path.read_text()).get("dependencies") or {}).items():
        print(name, version)
P
python3 "$here/stand_ins.py" "$cache" "$here/home/stand-in"
