"""Groups the validator's messages: summarise.py REPORT [severity ...]."""
import collections, json, re, sys
wanted = set(sys.argv[2:]) or {"fatal", "error"}
groups = collections.defaultdict(list)
for line in open(sys.argv[1]):
    m = json.loads(line)
    if m["severity"] in wanted:
        text = re.sub(r"\[\d+\]", "[]", m["message"])
        groups[(m["severity"], m["id"], text[:260])].append((m["file"], m["location"]))
for (severity, key, text), where in sorted(groups.items(), key=lambda g: -len(g[1])):
    print(len(where), severity, key, text, "e.g.", *where[0])
