"""Writes terminology stand-ins: stand_ins.py PACKAGE-CACHE FOLDER.

The public packages that hold this terminology cannot be had offline. A system of unknown content becomes an empty "fragment": the
validator then knows the system but not its codes, and warns. Two fragments hold codes that invariants and required bindings look
for. The
definitions without content that C4BB packages bring along become fragments too. Versions that C4BB 2.2.0 pins are the R4 core systems under the pinned version.
"""
import json
import pathlib
import sys

cache, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir(parents=True, exist_ok=True)

UNKNOWN = [
    "http://terminology.hl7.org/CodeSystem/ADAUniversalToothDesignationSystem",
    "http://terminology.hl7.org/CodeSystem/ADAAreaOralCavitySystem",
    "http://terminology.hl7.org/CodeSystem/ADAToothSurfaceCodes",
    "http://terminology.hl7.org/CodeSystem/NCPDPDispensedAsWrittenOrProductSelectionCode",
    "http://terminology.hl7.org/CodeSystem/NCPDPBrandGenericIndicator",
    "http://terminology.hl7.org/CodeSystem/NCPDPPrescriptionOriginCode",
    "http://terminology.hl7.org/CodeSystem/NCPDPCompoundCode",
    "http://terminology.hl7.org/CodeSystem/NCPDPRejectCode",
]
FRAGMENTS = {
    "urn:iso:std:iso:4217": ["USD"],
    "urn:oid:2.16.840.1.113883.6.238": {"2106-3": "White", "2186-5": "Not Hispanic or Latino"},
    "http://nucc.org/provider-taxonomy": [
        "152W00000X", "207P00000X", "207Q00000X", "207R00000X", "207X00000X", "208M00000X", "1223G0001X", "282N00000X",
    ],
}
PINNED = {
    "v2-0203": "5.0.0", "claim-type": "1.0.1", "adjudication": "1.0.1", "payeetype": "1.0.1", "ex-diagnosistype": "1.0.1",
    "claimcareteamrole": "1.0.0", "ex-relatedclaimrelationship": "1.0.0", "data-absent-reason": "1.0.0",
}
VSAC = "http://cts.nlm.nih.gov/fhir/ValueSet/"
VALUE_SETS = {
    VSAC + "2.16.840.1.114222.4.11.1066": "http://nucc.org/provider-taxonomy",
    VSAC + "2.16.840.1.114222.4.11.836": "urn:oid:2.16.840.1.113883.6.238",
    VSAC + "2.16.840.1.114222.4.11.837": "urn:oid:2.16.840.1.113883.6.238",
    VSAC + "2.16.840.1.113762.1.4.1": "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender",
    VSAC + "2.16.840.1.113762.1.4.1021.102": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    VSAC + "2.16.840.1.113762.1.4.1021.103": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
}


def write(resource):
    (folder / f"{resource['resourceType']}-{resource['id']}.json").write_text(json.dumps(resource, indent=1))


def system(number, url, codes):
    name = f"StandIn{number}"
    # US Core 3.1.1 picks provider specialties by this property.
    concepts = [
        {
            "code": code,
            **({"display": codes[code]} if isinstance(codes, dict) else {}),
            "property": [{"code": "abstract", "valueBoolean": False}],
        }
        for code in codes
    ]
    return {
        "resourceType": "CodeSystem", "id": name, "url": url, "version": "999.0.0", "name": name, "status": "active",
        "content": "fragment", "property": [{"code": "abstract", "type": "boolean"}], **({"concept": concepts} if codes else {}),
    }


number = 0
for url, codes in {**dict.fromkeys(UNKNOWN, ()), **FRAGMENTS}.items():
    number += 1
    write(system(number, url, codes))
for url, included in VALUE_SETS.items():
    number += 1
    name = f"StandIn{number}"
    write({
        "resourceType": "ValueSet", "id": name, "url": url, "version": "stand-in", "name": name, "status": "active",
        "compose": {"include": [{"system": included}]},
    })
core = {}
for path in (cache / "hl7.fhir.r4.core#4.0.1" / "package").glob("CodeSystem-*.json"):
    resource = json.loads(path.read_text())
    core[resource["url"]] = resource
for name, version in PINNED.items():
    url = f"http://terminology.hl7.org/CodeSystem/{name}"
    if url not in core:
        print("no system", url, file=sys.stderr)
        continue
    write({**core[url], "id": f"pinned-{name}", "version": version})
for path in cache.glob("hl7.fhir.us.carin-bb#*/package/CodeSystem-*.json"):
    resource = json.loads(path.read_text())
    if resource.get("content") == "not-present" and resource["url"].startswith("http://terminology.hl7.org/"):
        path.write_text(json.dumps({**resource, "content": "fragment"}))
