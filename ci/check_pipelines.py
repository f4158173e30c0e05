"""The ready integrations, run as the pipelines would run them. `.ci/run` gives what this needs:

PAYERSPEC   the built program
PATH        with check-jsonschema, junit2html, zizmor, actionlint, java
GROOVY_JAR  Groovy's library
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import junitparser
import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "github"))
import annotate  # noqa: E402

PAYERSPEC = pathlib.Path(os.environ["PAYERSPEC"]).resolve()
GROOVY_JAR = pathlib.Path(os.environ["GROOVY_JAR"]).resolve()
EXPRESSION = re.compile(r"\$\{\{ *(?:inputs|parameters)\.([\w-]+) *\}\}")
# What a server could send to command a runner or an agent.
EVIL = "x\r\n::error::forged\n##vso[task.setvariable variable=a]b ##[error]c 50%,:"


def load(path):
    return list(yaml.safe_load_all((HERE / path).read_text()))


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, **more)
    return done.returncode, done.stdout + done.stderr


def filled(text, values):
    """An expression of a template with its inputs in place."""
    return EXPRESSION.sub(lambda found: str(values[found.group(1)]), text)


@contextlib.contextmanager
def payer(*options):
    """The reference payer, with its first member."""
    with subprocess.Popen([PAYERSPEC, "serve", *options], stdout=subprocess.PIPE, text=True) as child:
        try:
            ready = json.loads(child.stdout.readline())
            yield {"base": ready["base"], **ready["members"][0]}
        finally:
            child.terminate()


def recorder(folder):
    """A program that notes its arguments and environment and then is payerspec."""
    path = pathlib.Path(folder) / "payerspec"
    note = f"import json, os, sys; json.dump([sys.argv[1:], dict(os.environ)], open({str(folder)!r} + '/call.json', 'w'))"
    path.write_text(f'#!/bin/sh\n"{sys.executable}" -c "{note}" "$@"\nexec "{PAYERSPEC}" "$@"\n')
    path.chmod(0o755)
    return path


def speaker(folder, text, code):
    """A program that says a text and ends with a code."""
    path = pathlib.Path(folder) / "payerspec"
    (pathlib.Path(folder) / "text").write_text(text)
    path.write_text(f'#!/bin/sh\ncat "{folder}/text"\nexit {code}\n')
    path.chmod(0o755)
    return path


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PAYERSPEC", "GITHUB_"))}
    return {**kept, **{name: str(value) for name, value in more.items()}}


class Pipelines(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def results(self, out):
        return json.loads((self.folder / out / "results.json").read_text())

    def assert_hidden(self, token, said):
        """The token came by the environment, and shows nowhere."""
        arguments, variables = json.loads((self.folder / "call.json").read_text())
        self.assertNotIn(token, " ".join(arguments))
        self.assertNotIn(token, said)
        self.assertEqual([name for name, value in variables.items() if value == token], ["PAYERSPEC_TOKEN"])


class Schemas(Pipelines):
    def check(self, schema, document):
        path = self.folder / "document.yml"
        path.write_text(yaml.safe_dump(document, sort_keys=False))
        return run(["check-jsonschema", "--builtin-schema", f"vendor.{schema}", path])

    def test_each_file_is_valid_by_its_published_schema(self):
        files = [
            ("github-actions", "github/action.yml", ["runs", "using"]),
            ("github-workflows", "github/workflow.yml", ["jobs", "payerspec", "steps"]),
            ("gitlab-ci", "gitlab/template.yml", ["$[[ inputs.job-name ]]", "script"]),
            ("azure-pipelines", "azure/payerspec.yml", ["steps"]),
        ]
        for schema, path, place in files:
            with self.subTest(path):
                documents = load(path)
                for document in documents:
                    code, said = self.check(schema, document)
                    self.assertEqual(code, 0, said)
                # The schema says something: the file with one wrong value is refused.
                *way, last = place
                broken = documents[-1]
                for name in way:
                    broken = broken[name]
                broken[last] = {"no": 5}
                code, said = self.check(schema, documents[-1])
                self.assertEqual(code, 1, said)

    def test_the_action_and_its_example_are_linted(self):
        code, said = run(["actionlint", HERE / "github/workflow.yml"])
        self.assertEqual(code, 0, said)
        code, said = run(["zizmor", "--offline", "--no-progress", HERE / "github"])
        self.assertEqual(code, 0, said)

    def test_the_jenkinsfile_is_groovy(self):
        parse = "new GroovyShell().parse(new File(args[0])); println 'parsed'"
        for text, expected in [("", 0), ("\n}", 1)]:
            path = self.folder / "Jenkinsfile"
            path.write_text((HERE / "jenkins/Jenkinsfile").read_text() + text)
            code, said = run(["java", "-cp", GROOVY_JAR, "groovy.ui.GroovyMain", "-e", parse, path])
            self.assertEqual((code, "parsed" in said), (expected, expected == 0), said)


class GitHub(Pipelines):
    def gate(self, program, **inputs):
        """Runs the step as the action does: inputs with their defaults, through the expressions of the step's `env`."""
        action = load("github/action.yml")[0]
        values = {name: given["default"] for name, given in action["inputs"].items()}
        self.assertLessEqual(set(inputs), set(values))
        values |= {"payerspec": program, "out": self.folder / "out", **inputs}
        step = action["runs"]["steps"][0]
        variables = {name: filled(text, values) for name, text in step["env"].items()}
        variables |= {"GITHUB_ACTION_PATH": HERE / "github", "GITHUB_STEP_SUMMARY": self.folder / "summary", "GITHUB_OUTPUT": self.folder / "outputs"}
        for name in ("summary", "outputs"):
            (self.folder / name).write_text("")
        return run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], env=environment(**variables))

    def outputs(self):
        return dict(line.split("=", 1) for line in (self.folder / "outputs").read_text().splitlines())

    def commands(self, said):
        """The workflow commands that the runner would obey."""
        obeyed, fence = [], None
        for line in said.splitlines():
            line = line.strip()
            if fence is None and line.startswith("::stop-commands::"):
                fence = line.removeprefix("::stop-commands::")
            elif fence is not None and line == f"::{fence}::":
                fence = None
            elif fence is None and (line.startswith("::") or "##[" in line):
                obeyed.append(line)
        self.assertIsNone(fence)
        return obeyed

    def test_a_conformant_endpoint_passes_with_summary_outputs_and_reports(self):
        with payer() as member:
            code, said = self.gate(recorder(self.folder), target=member["base"], patient=f"\n{member['patient']}\r\n", token=member["token"], strict="true", partition="1/4")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.outputs(), {"exit-code": "0", "verdict": "conformant"})
        self.assertEqual((self.folder / "summary").read_text(), (self.folder / "out/summary.md").read_text())
        self.assertEqual(self.commands(said), [])
        self.assertGreater(self.results("out")["tally"]["pass"], 500)
        self.assert_hidden(member["token"], said)
        arguments, _ = json.loads((self.folder / "call.json").read_text())
        self.assertIn("--strict", arguments)

    def test_a_deviating_endpoint_fails_with_an_annotation_for_each_case(self):
        with payer("--fault", "search.ignores-type") as member:
            code, said = self.gate(PAYERSPEC, target=member["base"], patient=member["patient"], token=member["token"])
        self.assertEqual(code, 1, said)
        self.assertEqual(self.outputs(), {"exit-code": "1", "verdict": "deviates"})
        commands = self.commands(said)
        failed = [case["id"] for case in self.results("out")["cases"] if annotate.kind(case) == "error"]
        self.assertGreater(len(failed), annotate.MOST)
        shown = [line for line in commands if line.startswith("::error ")]
        self.assertEqual(len(shown), annotate.MOST, commands)
        self.assertTrue(shown[0].startswith(f"::error title=fail%3A {failed[0]}::"), shown)
        self.assertIn(f"{len(failed) - annotate.MOST + 1} more", shown[-1])

    def test_an_endpoint_that_cannot_be_reached_is_not_measured(self):
        (self.folder / "out").mkdir()
        (self.folder / "out/results.json").write_text('{"verdict": "conformant"}')
        code, said = self.gate(PAYERSPEC, target="http://127.0.0.1:1/fhir")
        self.assertEqual(code, 3, said)
        self.assertNotEqual(self.outputs()["verdict"], "conformant")
        self.assertTrue(any("not measured" in line for line in self.commands(said)), said)

    def test_bad_input_ends_with_2(self):
        code, said = self.gate(PAYERSPEC, target="http://127.0.0.1:1/fhir", baseline="absent.toml")
        self.assertEqual((code, self.outputs()), (2, {"exit-code": "2", "verdict": ""}), said)

    def test_what_a_server_says_commands_nothing(self):
        code, said = self.gate(speaker(self.folder, EVIL, 1))
        self.assertEqual(code, 1)
        self.assertIn("::error::forged", said)
        self.assertEqual(self.commands(said), [])
        finding = {"check": EVIL, "at": EVIL, "expected": EVIL, "actual": EVIL}
        case = {"id": EVIL, "level": "SHALL", "outcome": "fail", "known": None, "reason": None, "findings": [finding, finding]}
        [line] = annotate.annotations({"cases": [case], "stale_baseline": []})
        self.assertEqual(len(line.splitlines()), 1)
        title, message = line.removeprefix("::error title=").split("::", 1)
        self.assertNotRegex(title, r"[:,\r\n]")
        self.assertIn("50%25", title)
        self.assertTrue(message.startswith("x%0D%0A::error::forged%0A"), message)

    def test_known_and_optional_cases_are_no_errors(self):
        case = {"level": "SHALL", "outcome": "fail", "known": None}
        self.assertEqual(annotate.kind(case), "error")
        self.assertIsNone(annotate.kind({**case, "known": "release 7.2"}))
        self.assertEqual(annotate.kind({**case, "outcome": "inconclusive"}), "error")
        self.assertIsNone(annotate.kind({**case, "outcome": "inconclusive", "level": "MAY"}))
        self.assertEqual(annotate.kind({**case, "outcome": "warn", "level": "SHOULD"}), "warning")


class GitLab(Pipelines):
    def job(self, program, **inputs):
        [header] = load("gitlab/template.yml")[:1]
        jobs = (HERE / "gitlab/template.yml").read_text().split("\n---\n")[1]
        values = {name: given.get("default", "") for name, given in header["spec"]["inputs"].items()}
        self.assertLessEqual(set(inputs), set(values))
        values |= {"payerspec": program, **inputs}
        values = {name: str(value).lower() if isinstance(value, bool) else value for name, value in values.items()}
        text = re.sub(r"\$\[\[ inputs\.([\w-]+) \]\]", lambda found: str(values[found.group(1)]), jobs)
        [(name, job)] = yaml.safe_load(text).items()
        self.assertEqual(name, "payerspec")
        return job

    def test_the_job_runs_and_its_reports_are_where_it_says(self):
        with payer("--fault", "read.wrong-id") as member:
            token = self.folder / "token"
            token.write_text(member["token"])
            job = self.job(PAYERSPEC, target=member["base"], patient=member["patient"], guide="hl7.fhir.us.carin-bb#2.0.0", strict=True)
            variables = environment(**job["variables"], PAYERSPEC_TOKEN_FILE=token)
            code, said = run(["sh", "-e", "-c", "\n".join(job["script"])], env=variables, cwd=self.folder)
        self.assertEqual(code, 1, said)
        self.assertNotIn(member["token"], said)
        report = junitparser.JUnitXml.fromfile(str(self.folder / job["artifacts"]["reports"]["junit"]))
        self.assertEqual(report.failures, self.results("payerspec-out")["tally"]["fail"])
        self.assertTrue((self.folder / job["artifacts"]["paths"][0] / "report.html").is_file())


class Jenkins(Pipelines):
    def test_the_shell_step_runs_with_the_parameters_as_variables(self):
        text = (HERE / "jenkins/Jenkinsfile").read_text()
        [script] = re.findall(r"sh '''(.*?)'''", text, re.DOTALL)
        parameters = dict(re.findall(r"(?:string|booleanParam)\(name: '(\w+)', defaultValue: '?(\w*)'?", text))
        self.assertEqual(set(re.findall(r"\$([A-Z]+)", script)), set(parameters))
        program = recorder(self.folder)
        with payer() as member:
            parameters |= {"TARGET": member["base"], "PATIENT": member["patient"], "PAYERSPEC_TOKEN": member["token"], "PATH": f"{program.parent}:{os.environ['PATH']}"}
            code, said = run(["sh", "-xe", "-c", script], env=environment(**parameters), cwd=self.folder)
        self.assertEqual(code, 0, said)
        self.assert_hidden(member["token"], said)
        self.assertIn("testResults: 'payerspec-out/junit.xml'", text)
        report = junitparser.JUnitXml.fromfile(str(self.folder / "payerspec-out/junit.xml"))
        self.assertEqual((report.failures, report.errors), (0, 0))


class Azure(Pipelines):
    def step(self, program, **parameters):
        template = load("azure/payerspec.yml")[0]
        values = {given["name"]: given["default"] for given in template["parameters"]}
        values |= {"payerspec": program, "out": self.folder / "out", **parameters}
        step = template["steps"][0]
        variables = {name: filled(text, values) for name, text in step["env"].items()}
        return step["bash"], variables

    def test_the_step_runs_and_its_token_is_the_named_variable(self):
        with payer() as member:
            script, variables = self.step(recorder(self.folder), target=member["base"], patient=member["patient"])
            self.assertEqual(variables["GATE_TOKEN"], "$(payerspecToken)")
            code, said = run(["bash", "-c", script], env=environment(**variables | {"GATE_TOKEN": member["token"]}))
        self.assertEqual(code, 0, said)
        self.assert_hidden(member["token"], said)
        self.assertEqual(self.results("out")["verdict"], "conformant")

    def test_what_a_server_says_commands_nothing_and_the_exit_code_stays(self):
        script, variables = self.step(speaker(self.folder, EVIL + "\n###vso[x]##VsO[y]\n", 3))
        code, said = run(["bash", "-c", script], env=environment(**variables))
        self.assertEqual(code, 3)
        self.assertIn("forged", said)
        self.assertNotRegex(said.lower(), r"##(vso)?\[")


class JUnit(Pipelines):
    def test_other_programs_read_the_report(self):
        code, said = run([PAYERSPEC, "demo", "--fault", "search.ignores-type", "--out", self.folder / "out"])
        self.assertEqual(code, 1, said)
        results, path = self.results("out"), self.folder / "out/junit.xml"
        tally = results["tally"]
        report = junitparser.JUnitXml.fromfile(str(path))
        self.assertEqual(report.tests, len(results["cases"]))
        self.assertGreaterEqual(report.failures, tally["fail"])
        self.assertEqual(sum(1 for suite in report for _ in suite), len(results["cases"]))
        page = self.folder / "junit.html"
        code, said = run(["junit2html", path, page])
        self.assertEqual(code, 0, said)
        told = re.findall(r'class="test outcome outcome-failed">.*?Test case:</th><td><b>([^<]*)</b>', page.read_text(), re.DOTALL)
        self.assertEqual(len(told), report.failures + report.errors)
        failed = [case["id"] for case in results["cases"] if case["outcome"] == "fail"]
        self.assertTrue(failed and all(any(case.endswith(f".{name}") for name in told) for case in failed), told)
        code, said = run(["junit2html", path, "--summary-matrix"])
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
