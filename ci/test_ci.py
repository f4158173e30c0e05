"""The gate itself bites: what must fail it does. Run with `python3 -m unittest discover --start-directory ci`."""

import contextlib
import http.server
import io
import json
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest

import load_examples
import propose_baseline
import real_servers

HERE = pathlib.Path(__file__).resolve().parent


def package(folder, resources):
    """A package file that holds the resources as examples, or search parameters as such."""
    path = pathlib.Path(folder) / "package.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for resource in resources:
            name = f"{resource['resourceType']}-{resource['id']}.json"
            if resource["resourceType"] != "SearchParameter":
                name = f"example/{name}"
            data = json.dumps(resource).encode()
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


class Stub(http.server.BaseHTTPRequestHandler):
    """A server that answers a transaction with the statuses of its class and reads with one resource."""

    statuses = []
    stored = {}

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({"entry": [{"response": {"status": status}} for status in self.statuses]})

    def do_GET(self):
        self.answer(self.stored)

    def answer(self, body):
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def stub(statuses, stored):
    handler = type("Handler", (Stub,), {"statuses": statuses, "stored": stored})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class LoadExamples(unittest.TestCase):
    patient = {"resourceType": "Patient", "id": "p"}
    coverage = {"resourceType": "Coverage", "id": "c"}
    parameter = {"resourceType": "SearchParameter", "id": "s"}

    def test_a_package_is_read_in_the_order_of_references(self):
        with tempfile.TemporaryDirectory() as folder:
            path = package(folder, [self.coverage, self.patient, self.parameter])
            self.assertEqual(
                load_examples.read_package(path), ([self.patient, self.coverage], [self.parameter])
            )

    def test_one_refused_entry_is_an_error(self):
        with stub(["201 Created", "422 Unprocessable"], {}) as base:
            with self.assertRaisesRegex(load_examples.Refused, "Coverage/c: 422"):
                load_examples.put_all(base, [self.patient, self.coverage])

    def test_a_missing_answer_is_an_error(self):
        with stub(["201 Created"], {}) as base:
            with self.assertRaisesRegex(load_examples.Refused, "2 sent, 1 answered"):
                load_examples.put_all(base, [self.patient, self.coverage])

    def test_what_was_accepted_and_not_stored_is_an_error(self):
        with stub([], {"resourceType": "Bundle"}) as base:
            with self.assertRaisesRegex(load_examples.Refused, "Patient/p was accepted"):
                load_examples.verify(base, [self.patient])
        with stub([], self.patient) as base:
            load_examples.verify(base, [self.patient])

    def test_a_package_without_examples_ends_the_program(self):
        with tempfile.TemporaryDirectory() as folder:
            path = package(folder, [self.parameter])
            command = [sys.executable, HERE / "load_examples.py", path, "--folder", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("holds no examples", done.stderr)


def a_run(outcomes, exit_code=1, verdict="deviates"):
    cases = [
        {
            "id": f"case.{number}",
            "outcome": outcome,
            "findings": [{"check": "some.check"}] if outcome == "fail" else [],
        }
        for number, outcome in enumerate(outcomes)
    ]
    results = {"verdict": verdict, "cases": cases, "tally": {}}
    return real_servers.Run(results, exit_code, 1.0, 1.0, "output")


class RealServers(unittest.TestCase):
    server = real_servers.Server(
        "name", "script", "nothing", least_cases=2, reasons=(("case.*", "some.check"),)
    )

    def test_a_red_run_for_the_named_reason_is_as_expected(self):
        real_servers.check_plain(self.server, a_run(["fail", "pass"]))

    def test_every_other_run_is_not(self):
        wrong = [
            (a_run(["fail", "error"]), "1 cases ended in error"),
            (a_run(["fail"]), "1 cases, at least 2"),
            (a_run(["pass", "pass"]), "no failure of some.check"),
            (a_run(["fail", "pass"], exit_code=0), "exit code is 0"),
            (a_run(["fail", "pass"], verdict="not-measured"), "verdict is not-measured"),
        ]
        for run, message in wrong:
            with self.subTest(message), self.assertRaisesRegex(real_servers.Unexpected, message):
                real_servers.check_plain(self.server, run)

    def test_anything_left_over_by_the_baseline_fails(self):
        with self.assertRaisesRegex(real_servers.Unexpected, "new or stale"):
            real_servers.check_known(self.server, a_run(["fail", "pass"]))
        real_servers.check_known(self.server, a_run(["fail"], exit_code=0, verdict="conformant"))

    def test_a_server_that_cannot_be_had_is_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            absent = real_servers.Server("x", "no-such-server.sh", "nothing", 1, ())
            with self.assertRaisesRegex(real_servers.Unexpected, "no-such-server.sh"):
                real_servers.measure_server(absent, pathlib.Path("x"), None, pathlib.Path(folder))


class ProposeBaseline(unittest.TestCase):
    def test_only_the_resource_type_is_generalised(self):
        self.assertEqual(propose_baseline.pattern("r4.Patient.search.name"), "r4.*.search.name")
        self.assertEqual(propose_baseline.pattern("metadata.fhir-version"), "metadata.fhir-version")


if __name__ == "__main__":
    unittest.main()
