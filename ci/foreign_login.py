#!/usr/bin/env python3
"""Sign in at an authorization server that nobody here wrote, in front of the reference payer.

    foreign_login.py --payerspec PATH [--out FOLDER]

oidc-provider comes from the npm registry. A member signs in once in headless Chromium, by what
`payerspec login --no-browser` prints, and by scripted forms in every other flow. Each flow ends in
a run that must find nothing but what is named below, with the cases of the sign-in passed.
"""

import argparse
import contextlib
import json
import pathlib
import queue
import secrets
import socket
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
SERVER = HERE / "authorization"
# Cases enough to be telling: reads and searches of the member's record, and the sign-in.
ONLY = "{c4bb.{Coverage,Patient}.{read*,search-type,search.patient},r4.oauth.*}"
# What is found at this server, and must be: it knows no `aud`, of which SMART App Launch says that the
# server should refuse one that is not its own.
FOUND = {"r4.oauth.refuses.wrong-audience": "warn"}
# Cases of the sign-in that must pass in every flow in which a member signs in by forms.
SIGNED_IN = [
    "c4bb.Patient.read",
    *(f"r4.oauth.refuses.{what}" for what in ("reused-code", "unknown-code", "wrong-client", "wrong-redirect", "wrong-verifier", "other-scope")),
    *(f"r4.oauth.{what}" for what in ("token", "refresh", "id-token")),
]
MEMBER_SCOPES = ["launch/patient", "openid", "fhirUser", "patient/*.rs"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def started(command, **options):
    """A program that says one JSON line when it is ready; yields the line."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)
    try:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"{command[0]} ended with {process.wait()} before it was ready")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait()


def toml(table):
    """`[auth]` of a configuration."""
    return "[auth]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in table.items())


class Flows:
    """The payer behind the authorization server, and a folder for everything written."""

    def __init__(self, payerspec, out, issuer, payer):
        self.payerspec, self.out, self.issuer = payerspec, out, issuer
        self.base = payer["base"]
        self.member = payer["members"][0]["patient"]
        self.forms = (
            f'[[auth.form]]\nfields = {{ login = "{self.member}", password = "any" }}\nbutton = "Sign-in"\n'
            '[[auth.form]]\nbutton = "Continue"\n'
        )

    def configured(self, name, auth, forms=""):
        folder = self.out / name
        folder.mkdir(exist_ok=True)
        table = {"allow-origins": [self.issuer], **auth}
        (folder / "payerspec.toml").write_text(toml(table) + forms)
        return folder

    def command(self, verb, folder, *more):
        # Tokens of one flow are not used in another.
        arguments = [verb, "--target", self.base, "--config", folder / "payerspec.toml", "--token-store", folder / "tokens.json", *more]
        return [self.payerspec, *map(str, arguments)]

    def run(self, name, folder, passed, found, *more):
        """Runs, and compares what was passed and what was found with what must be."""
        command = self.command("run", folder, "--only", ONLY, "--out", folder / "out", *more)
        ended = subprocess.run(command, text=True, capture_output=True, check=False)
        results = folder / "out/results.json"
        if not results.exists():
            raise SystemExit(f"{name}: no results\n{ended.stdout}{ended.stderr}")
        outcomes = {case["id"]: case["outcome"] for case in json.loads(results.read_text())["cases"]}
        bad = {case: outcome for case, outcome in outcomes.items() if outcome in ("fail", "warn", "error")}
        wrong = [f"{case} is {outcomes.get(case)}, not passed" for case in passed if outcomes.get(case) != "pass"]
        if bad != found:
            wrong.append(f"found {bad}, which must be {found}")
        if ended.returncode:
            wrong.append(f"exit code {ended.returncode}")
        counts = {outcome: list(outcomes.values()).count(outcome) for outcome in sorted(set(outcomes.values()))}
        print(f"{name}: {len(outcomes)} cases, {counts}")
        if wrong:
            print("\n".join(wrong), ended.stdout, ended.stderr, sep="\n", file=sys.stderr)
            raise SystemExit(f"{name}: not as it must be")

    def browser(self):
        """Code with PKCE in a browser, then a run with the token that was kept."""
        folder = self.configured("browser", {"client-id": "public-app", "scopes": [*MEMBER_SCOPES, "offline_access"]})
        command = self.command("login", folder, "--no-browser")
        login = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in login.stderr], daemon=True).start()
        line = ""
        while not line.startswith("http"):
            line = lines.get(timeout=60)
        shot = folder / "sign-in.png"
        subprocess.run(["node", "sign_in.mjs", line.strip(), self.member, shot], cwd=SERVER, check=True, timeout=120)
        said, _ = login.communicate(timeout=60)
        if login.returncode or "Signed in" not in said:
            raise SystemExit(f"the login in the browser ended with {login.returncode}: {said}")
        self.run("browser", folder, ["c4bb.Patient.read"], {})
        return folder

    def renewed(self, folder):
        """A refresh token, as a pipeline holds one, in the place of a person."""
        kept = json.loads((folder / "tokens.json").read_text())["tokens"][0]
        folder = self.configured("renewed", {"flow": "refresh-token", "client-id": "public-app", "refresh-token-file": "refresh-token"})
        (folder / "refresh-token").write_text(kept["refresh_token"])
        self.run("renewed", folder, ["c4bb.Patient.read", "r4.oauth.token"], {})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--payerspec", required=True, type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    out = arguments.out or pathlib.Path(tempfile.mkdtemp())
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=SERVER, check=True)
    key, secret = out / "key.pem", secrets.token_urlsafe(32)
    subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", key], check=True)
    (out / "secret").write_text(secret)
    port, payer_port = free_port(), free_port()
    settings = {"port": port, "audience": f"http://127.0.0.1:{payer_port}/fhir", "tokenSeconds": 600}
    settings |= {"clientSecret": secret, "clientKeyFile": str(key.resolve())}
    (out / "server.json").write_text(json.dumps(settings))
    with started(["node", SERVER / "server.mjs", out / "server.json"], stderr=subprocess.DEVNULL) as ready:
        payer_file = out / "authorization-server.toml"
        payer_file.write_text(f'issuer = "{ready["issuer"]}"\nclient-id = "payer"\nclient-secret = "{secret}"\n')
        serve = [arguments.payerspec, "serve", "--port", str(payer_port), "--authorization-server", payer_file]
        with started(serve) as payer:
            flows = Flows(arguments.payerspec.resolve(), out.resolve(), ready["issuer"], payer)
            flows.renewed(flows.browser())
            scripted = {
                "public": {"client-id": "public-app"},
                "client_secret_basic": {"client-id": "basic-app", "client-secret-file": "../secret"},
                "client_secret_post": {"client-id": "post-app", "client-secret-file": "../secret", "client-authentication": "client_secret_post"},
                "private_key_jwt": {"client-id": "signing-app", "key-file": "../key.pem", "key-id": "signing-key"},
            }
            for name, auth in scripted.items():
                auth = {**auth, "scopes": [*MEMBER_SCOPES, "offline_access"]}
                flows.run(name, flows.configured(name, auth, flows.forms), SIGNED_IN, FOUND)
            backend = {"flow": "client-credentials", "client-id": "backend-service", "key-file": "../key.pem", "key-id": "signing-key", "scopes": ["system/*.rs"]}
            flows.run("backend", flows.configured("backend", backend), ["c4bb.Patient.read"], {}, "--patient", flows.member)


if __name__ == "__main__":
    main()
