"""The comparison with HL7's validator: what counts as an explained disagreement."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "oracle"))
import agreement  # noqa: E402


class Places(unittest.TestCase):
    def test_both_write_a_place_differently(self):
        self.assertEqual(agreement.place("Observation.value.ofType(Quantity).code"), "Observation.value.code")
        self.assertEqual(agreement.place("Patient.contained[0]/*Organization/x*/.name[1]"), "Patient.contained.name")
        self.assertEqual(agreement.place(None), "")

    def test_a_place_is_near_its_parent(self):
        self.assertTrue(agreement.is_near("Patient.name", "Patient.name"))
        self.assertTrue(agreement.is_near("Patient.name.given", "Patient.name"))
        self.assertFalse(agreement.is_near("Patient.name", "Patient.address"))


class Rows(unittest.TestCase):
    ONE = agreement.Disagreement("2.0.0/core", "Patient-x.json", ours="error", theirs="", reason="Patient.name: cardinality.min")

    def row(self, **changes):
        return {"family": "2.0.0/core", "file": "Patient-*", "ours": "error", "reason": "cardinality", "why": "so", **changes}

    def test_a_row_explains(self):
        self.assertEqual(agreement.explain([self.ONE], [self.row()]), ([], []))

    def test_a_row_of_another_kind_does_not_and_is_stale(self):
        for changes in ({"ours": "fine"}, {"family": "1.1.0/*"}, {"file": "Coverage-*"}, {"reason": "slicing"}):
            row = self.row(**changes)
            self.assertEqual(agreement.explain([self.ONE], [row]), ([self.ONE], [row]))

    def test_only_one_sided_errors_disagree(self):
        ours = {("f", "a"): [("p", "r")], ("f", "b"): [], ("f", "c"): [("p", "r")], ("f", "d"): []}
        theirs = {("f", "a"): [("p", "m")], ("f", "b"): [("p", "m")], ("f", "c"): [], ("f", "d"): []}
        self.assertEqual([one.file for one in agreement.disagreements(ours, theirs)], ["b", "c"])


if __name__ == "__main__":
    unittest.main()
