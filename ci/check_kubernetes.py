"""The Indexed Job and its merge, run as a cluster would run them. Needs what check_pipelines.py needs, and kubernetes-validate."""

import unittest

from check_pipelines import HERE, PAYERSPEC, Pipelines, environment, load, payer, run


class Kubernetes(Pipelines):
    def test_the_jobs_are_kubernetes_resources(self):
        kustomization = load("kubernetes/kustomization.yaml")[0]
        for name in kustomization["resources"]:
            code, said = run(["kubernetes-validate", "--strict", HERE / "kubernetes" / name])
            self.assertEqual(code, 0, said)
        for name in kustomization["configMapGenerator"][0]["files"]:
            self.assertTrue((HERE / "kubernetes" / name).is_file(), name)

    def test_shards_and_merge_agree_on_their_number(self):
        [shards], [merge] = load("kubernetes/shards.yaml"), load("kubernetes/merge.yaml")
        environments = [{given["name"]: given["value"] for given in job["spec"]["template"]["spec"]["containers"][0]["env"]} for job in (shards, merge)]
        numbers = {int(variables["SHARDS"]) for variables in environments} | {shards["spec"]["completions"], shards["spec"]["parallelism"]}
        self.assertEqual(len(numbers), 1, numbers)
        self.assertEqual(shards["spec"]["completionMode"], "Indexed")

    def measure(self, member, shards):
        """Runs each shard and the merge; gives how each ended and what the merge said."""
        (self.folder / "token").write_text(member["token"])
        (self.folder / "payerspec.toml").write_text(f'[target]\nbase = "{member["base"]}"\npatients = ["{member["patient"]}"]\n')
        variables = {"SHARDS": shards, "REPORTS": self.folder, "CONFIG": self.folder / "payerspec.toml", "TOKEN_FILE": self.folder / "token", "PAYERSPEC": PAYERSPEC}
        codes = []
        for index in range(shards):
            code, said = run(["sh", HERE / "kubernetes/shard.sh"], env=environment(**variables, JOB_COMPLETION_INDEX=index))
            self.assertIn(f"part {index + 1} of {shards} ended with", said)
            codes.append(code)
        return codes, run(["sh", HERE / "kubernetes/merge.sh"], env=environment(**variables))

    def test_merged_shards_are_a_whole_run(self):
        for fault, expected in [((), 0), (("--fault", "search.ignores-type"), 1)]:
            with self.subTest(fault), payer(*fault) as member:
                codes, (merged, said) = self.measure(member, 3)
                self.assertEqual((codes, merged), ([0, 0, 0], expected), said)
                out = self.folder / "one"
                command = [PAYERSPEC, "run", "--config", self.folder / "payerspec.toml", "--token-file", self.folder / "token", "--out", out]
                code, said = run(command, env=environment())
                self.assertEqual(code, expected, said)
                one, whole = self.results("one"), self.results("whole")
                self.assertEqual(one["tally"], whole["tally"])
                self.assertEqual(*({case["id"]: case["outcome"] for case in found["cases"]} for found in (one, whole)))

    def test_a_shard_that_could_not_begin_fails_its_index(self):
        variables = {"SHARDS": 2, "REPORTS": self.folder, "CONFIG": self.folder / "absent.toml", "TOKEN_FILE": self.folder / "token", "PAYERSPEC": PAYERSPEC}
        code, said = run(["sh", HERE / "kubernetes/shard.sh"], env=environment(**variables, JOB_COMPLETION_INDEX=1))
        self.assertEqual(code, 2, said)


if __name__ == "__main__":
    unittest.main()
