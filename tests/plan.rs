//! The plan, made from the declarations of real servers.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

mod common;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use payerspec::check::outcome::Level;
use payerspec::check::{Declared, Word};
use payerspec::fhir::capability::Capability;
use payerspec::fhir::json::{Value, json};
use payerspec::guide::facts::SearchParameter;
use payerspec::guide::{Catalogue, Sources};
use payerspec::plan::{Case, Plan, plan};
use payerspec::suite;

fn catalogue(guide: &str) -> Catalogue {
    Catalogue::load(&[guide.parse().unwrap()], &Sources::default()).unwrap()
}

fn statements() -> Vec<(String, Value)> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(common::shared("capability-statements")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".json") && !path.to_string_lossy().contains("smart-configuration"));
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    };
    files.into_iter().map(read).collect()
}

fn declared(statement: &Value) -> Declared {
    Declared { capability: Some(Capability::read(statement)), statement: Some(Arc::new(statement.clone())), ..Declared::default() }
}

fn plan_of(guide: &str, statement: &Value) -> Plan {
    plan(&suite::embedded().unwrap(), &catalogue(guide), &declared(statement), false)
}

fn ids(plan: &Plan) -> Vec<String> {
    plan.cases.iter().map(Case::id).collect()
}

#[test]
fn every_real_declaration_plans_and_ids_are_unique_and_stable() {
    let statements = statements();
    assert!(statements.len() >= 7);
    for (name, statement) in statements {
        let plan = plan_of("hl7.fhir.us.carin-bb#2.0.0", &statement);
        let unique: HashSet<String> = ids(&plan).into_iter().collect();
        assert_eq!(unique.len(), plan.cases.len(), "{name} has repeated ids");
        assert_eq!(ids(&plan), ids(&plan_of("hl7.fhir.us.carin-bb#2.0.0", &statement)), "{name}");
        assert!(plan.cases.len() > 60, "{name} has {} cases", plan.cases.len());
    }
}

#[test]
fn every_declared_type_interaction_and_parameter_is_asked() {
    for (name, statement) in statements() {
        let capability = Capability::read(&statement);
        let plan = plan_of("hl7.fhir.us.carin-bb#2.0.0", &statement);
        let endings: HashSet<String> = ids(&plan).iter().filter_map(|id| Some(id.split_once('.')?.1.to_owned())).collect();
        let has = |ending: &str| endings.contains(ending);
        for (resource_type, stated) in &capability.resources {
            for interaction in &stated.interactions {
                let code = interaction.value.as_str();
                let ending = match code {
                    "search-type" => format!("{resource_type}.search-type.searchset"),
                    "read" | "vread" | "history-instance" | "create" | "update" | "patch" | "delete" => format!("{resource_type}.{code}"),
                    _ => continue,
                };
                assert!(has(&ending), "{name}: no case {ending}");
            }
            for param in &stated.search_params {
                let ending = format!("{resource_type}.search.{}", param.value.name);
                assert!(has(&ending), "{name}: no case {ending}");
            }
        }
    }
}

#[test]
fn the_guide_sets_the_bar_and_one_gap_is_one_failure() {
    let statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": [
        {"type": "ExplanationOfBenefit", "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": [{"name": "patient", "type": "reference"}]}
    ]}]});
    let plan = plan_of("hl7.fhir.us.carin-bb#2.0.0", &statement);
    let case = |id: &str| plan.cases.iter().find(|case| case.id() == id).unwrap_or_else(|| panic!("no case {id}"));
    assert_eq!(case("c4bb.ExplanationOfBenefit.search.service-date.declared").not_applicable, None);
    assert!(case("c4bb.ExplanationOfBenefit.search.service-date").not_applicable.is_some());
    assert_eq!(case("c4bb.ExplanationOfBenefit.search.patient").not_applicable, None);
    assert_eq!(case("c4bb.Coverage.declared").not_applicable, None);
    assert!(
        case("c4bb.Coverage.read.declared").not_applicable.is_some(),
        "the undeclared type is one failure, not one for each of its interactions"
    );
    assert!(case("c4bb.Coverage.read").not_applicable.is_some());
}

#[test]
fn what_no_guide_names_is_asked_once_for_a_reverse_include_and_what_leads_nowhere_not_at_all() {
    let rev_includes = json!(["Observation:patient", "ExplanationOfBenefit:payee", "Observation:device", "Provenance:target"]);
    let of = |name: &str| json!({"type": name, "interaction": [{"code": "search-type"}], "searchRevInclude": rev_includes});
    let statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": [
        of("Patient"), of("Device"), of("Location")]}]});
    let plan = plan_of("hl7.fhir.us.carin-bb#2.0.0", &statement);
    let asked = |beginning: &str| -> Vec<(String, Option<Word>)> {
        let of_value = |case: &Case| Some((case.id().strip_prefix(beginning)?.to_owned(), case.not_applicable.clone()));
        plan.cases.iter().filter_map(of_value).collect()
    };
    let variants = ["", ".only", ".same-content", ".matches", ".total"].map(|ending| (ending.to_owned(), None));
    assert_eq!(asked("r4.Patient.rev-include.Observation.patient"), variants);
    assert_eq!(asked("r4.Patient.rev-include.Provenance.target"), variants);
    assert_eq!(asked("r4.Device.rev-include.Observation.device"), variants[..1]);
    assert_eq!(asked("r4.Location.rev-include.Provenance.target"), variants[..1]);
    for (beginning, reason) in [
        ("r4.Device.rev-include.Observation.patient", "Observation:patient leads to no Device"),
        ("r4.Location.rev-include.ExplanationOfBenefit.payee", "ExplanationOfBenefit:payee leads to no Location"),
        ("r4.Patient.rev-include.Observation.device", "Observation:device leads to no Patient"),
    ] {
        assert_eq!(asked(beginning), [(String::new(), Some(reason.into()))]);
    }
}

#[test]
fn declared_writes_do_not_apply_in_a_read_only_run_and_a_batch_of_reads_does() {
    let statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server",
        "interaction": [{"code": "batch"}, {"code": "transaction"}], "resource": [{"type": "Patient", "interaction": [{"code": "create"}]}]}]});
    let plan = plan_of("hl7.fhir.r4.core#4.0.1", &statement);
    for (id, reason) in
        [("r4.Patient.create", Some("read-only run")), ("r4.system.transaction", Some("read-only run")), ("r4.system.batch", None)]
    {
        let case = plan.cases.iter().find(|case| case.id() == id).unwrap_or_else(|| panic!("no case {id}: {:?}", ids(&plan)));
        assert_eq!((case.not_applicable.as_deref(), case.writes()), (reason, reason.is_some()), "{id}");
    }
}

#[test]
fn operations_are_called_as_their_definitions_say_or_not_at_all() {
    let of = |code: &str| format!("http://hl7.org/fhir/OperationDefinition/{code}");
    let statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server",
    "operation": [{"name": "versions", "definition": of("CapabilityStatement-versions")}, {"name": "reindex", "definition": "http://x/OperationDefinition/reindex"}],
    "resource": [
        {"type": "Patient", "operation": [{"name": "$everything", "definition": of("Patient-everything")}, {"name": "match", "definition": of("Patient-match")}]},
        {"type": "DocumentReference", "operation": [{"name": "docref", "definition": "http://hl7.org/fhir/us/core/OperationDefinition/docref"}]},
        {"type": "CodeSystem", "operation": [{"name": "lookup", "definition": of("CodeSystem-lookup")}, {"name": "subsumes", "definition": of("CodeSystem-subsumes")}]},
        {"type": "List", "operation": [{"name": "find", "definition": of("List-find")}, {"name": "purge"}]}
    ]}]});
    let plan = plan_of("hl7.fhir.us.core#6.1.0", &statement);
    let case = |id: &str| plan.cases.iter().find(|case| case.id() == id).unwrap_or_else(|| panic!("no case {id}: {:?}", ids(&plan)));
    for (id, path) in [
        ("r4.Patient.operation.everything", "Patient/{sample.id}/$everything"),
        ("r4.system.operation.versions", "$versions"),
        ("us-core.DocumentReference.operation.docref", "DocumentReference/$docref"),
        ("r4.CodeSystem.operation.lookup", "CodeSystem/$lookup"),
    ] {
        let case =
            plan.cases.iter().find(|case| case.id().ends_with(id.split_once('.').unwrap().1)).unwrap_or_else(|| panic!("no case {id}"));
        assert_eq!((case.not_applicable.as_deref(), case.steps()[0].path.as_str()), (None, path), "{id}");
    }
    assert!(ids(&plan).iter().any(|id| id == "r4.CodeSystem.lookup") && !ids(&plan).iter().any(|id| id == "r4.CodeSystem.validate-code"));
    for (id, because) in [
        ("r4.Patient.operation.match", "does not say that it changes nothing"),
        ("r4.CodeSystem.operation.subsumes", "does not say that it changes nothing"),
        ("r4.List.operation.find", "does not say that it changes nothing"),
        ("r4.List.operation.purge", "names no definition"),
        ("r4.system.operation.reindex", "no loaded guide holds the definition"),
    ] {
        let reason = case(id).not_applicable.clone().unwrap_or_default();
        assert!(reason.contains(because), "{id}: {reason}");
    }
}

#[test]
fn without_a_declaration_the_guide_is_asked_for() {
    let plan = plan(&suite::embedded().unwrap(), &catalogue("hl7.fhir.us.carin-bb#2.0.0"), &Declared::default(), false);
    let read = plan.cases.iter().find(|case| case.id() == "c4bb.ExplanationOfBenefit.read").unwrap();
    assert_eq!(read.not_applicable, None);
}

#[test]
fn what_neither_guide_nor_server_claims_is_an_observation() {
    let statement = json!({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": [{"mode": "server", "resource": [
        {"type": "Condition", "interaction": [{"code": "search-type"}], "searchParam": [
            {"name": "subject", "type": "reference"}, {"name": "code", "type": "token"}, {"name": "onset-date", "type": "date"}]},
        {"type": "Patient", "interaction": [{"code": "search-type"}], "searchParam": [{"name": "name", "type": "string"}, {"name": "payor", "type": "reference"}]}
    ]}]});
    let catalogue = Arc::new(catalogue("hl7.fhir.us.core#6.1.0"));
    let mut declared = declared(&statement);
    let levels = |declared: &Declared| -> std::collections::BTreeMap<String, (Level, bool)> {
        let plan = plan(&suite::embedded().unwrap(), &declared.extend(&catalogue), declared, false);
        plan.cases.into_iter().map(|case| (case.id(), (case.level, case.about.observed))).collect()
    };
    let before = levels(&declared);
    // US Core says SHALL of the first prefix and MAY of the others; R4 names neither a modifier nor a chain.
    for (id, expected) in [
        ("us-core.Condition.search.onset-date.ge", (Level::Declared, false)),
        ("us-core.Condition.search.onset-date.ne", (Level::May, true)),
        ("us-core.Condition.search.onset-date.ap", (Level::May, true)),
        ("r4.Condition.search.subject.missing-true", (Level::May, true)),
        ("r4.Condition.search.subject.chain.name", (Level::May, true)),
        ("us-core.Condition.search.code.not", (Level::May, true)),
        ("us-core.Condition.search.code.or", (Level::May, true)),
        ("us-core.Patient.search.name.exact", (Level::May, true)),
        ("us-core.Patient.search._has.Condition.subject.code", (Level::May, true)),
    ] {
        assert_eq!(before.get(id), Some(&expected), "{id}");
    }
    for (code, kind, modifier, chain) in [("code", "token", "not", None), ("subject", "reference", "missing", Some("name"))] {
        let own = SearchParameter {
            url: format!("https://payer.example/fhir/SearchParameter/condition-{code}"),
            code: code.to_owned(),
            kind: kind.to_owned(),
            target: vec!["Group".to_owned(), "Patient".to_owned()],
            modifier: vec![modifier.to_owned()],
            chain: chain.map(str::to_owned).into_iter().collect(),
            ..SearchParameter::default()
        };
        declared.parameters.insert(("Condition".to_owned(), code.to_owned()), Arc::new(own));
    }
    let after = levels(&declared);
    assert_eq!(after.get("us-core.Condition.search.code.not"), Some(&(Level::Declared, false)));
    assert_eq!(after.get("us-core.Condition.search.code.text"), Some(&(Level::May, true)));
    assert_eq!(after.get("r4.Condition.search.subject.missing-true"), Some(&(Level::Declared, false)));
    assert_eq!(after.get("r4.Condition.search.subject.chain.name"), Some(&(Level::Declared, false)));
    assert!(before.keys().eq(after.keys()), "claims change no ids");
}

#[test]
fn parameters_that_a_guide_demands_are_asked_together() {
    let plan = plan(&suite::embedded().unwrap(), &catalogue("hl7.fhir.us.carin-bb#2.0.0"), &Declared::default(), false);
    let case = plan.cases.iter().find(|case| case.id() == "c4bb.ExplanationOfBenefit.search.together.patient+type").unwrap();
    assert_eq!((case.level, case.not_applicable.as_deref()), (Level::Shall, None));
    let query = case.steps().remove(0).query;
    assert!(query.ends_with(&[("patient".to_owned(), "{value}".to_owned()), ("type".to_owned(), "{value.2}".to_owned())]), "{query:?}");
    let us_core = plan_of("hl7.fhir.us.core#6.1.0", &json!({"resourceType": "CapabilityStatement"}));
    let case = us_core.cases.iter().find(|case| case.id() == "us-core.Observation.search.together.category+date+patient").unwrap();
    assert_eq!(case.level, Level::Shall);
}
