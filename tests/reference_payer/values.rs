//! Search by every kind of parameter, against what the synthetic record is known to hold.

use super::payer::Payer;

async fn finds(payer: &Payer, path: &str, expected: &[&str]) {
    let found = payer.keys(path).await;
    let short: Vec<&str> = found.iter().filter_map(|key| key.rsplit_once('/')).map(|(_, id)| id.trim_start_matches("member-1-")).collect();
    assert_eq!(short, expected, "{path}");
}

#[tokio::test]
async fn tokens_by_code_system_text_and_type() {
    let payer = Payer::healthy().await;
    for (query, expected) in [
        ("code=http://loinc.org|2345-7", &["glucose"][..]),
        ("code=2345-7", &["glucose"]),
        ("code=GLU", &["glucose"]),
        ("code=glu", &[]),
        ("code=http://other.test|2345-7", &[]),
        ("code=|2345-7", &[]),
        ("code=https://payer.test/tests|", &["glucose", "potassium"]),
        ("code:text=color", &["urine-color"]),
        ("code:text=olor", &[]),
        ("category:not=laboratory", &["alcohol", "onset", "pressure-crisis", "pressure-usual", "smoking"]),
        ("value-concept:not=266919005&category=social-history", &["alcohol", "onset"]),
        ("value-concept:missing=false", &["alcohol", "smoking"]),
        ("status=amended,nothing", &["alcohol"]),
        ("identifier=https://lab.payer.test/accession|A-000001-1", &["glucose"]),
        ("_id=member-1-glucose,member-1-onset", &["glucose", "onset"]),
        ("_id=MEMBER-1-glucose", &[]),
        ("_tag=imported&_security=R", &["glucose"]),
    ] {
        finds(&payer, &format!("Observation?{query}"), expected).await;
    }
    let typed = "http://terminology.hl7.org/CodeSystem/v2-0203|MB|";
    finds(&payer, &format!("Patient?identifier:of-type={typed}M000001"), &["member-1"]).await;
    finds(&payer, &format!("Patient?identifier:of-type={typed}U00000001"), &[]).await;
    finds(&payer, "Patient?active=true&gender=MALE&deceased=false", &["member-1"]).await;
    finds(&payer, "Patient?phone=801-555-1001&email=member-1@mail.test", &["member-1"]).await;
    finds(&payer, "Patient?phone=member-1@mail.test", &[]).await;
}

#[tokio::test]
async fn references_in_every_form() {
    let payer = Payer::healthy().await;
    let base = payer.running.base();
    for (query, expected) in [
        ("performer=Practitioner/practitioner-hospitalist", &["pressure-crisis", "pressure-usual"][..]),
        ("performer=practitioner-hospitalist", &["pressure-crisis", "pressure-usual"]),
        ("performer:Practitioner=practitioner-family", &["glucose", "smoking"]),
        ("performer:Organization=practitioner-family", &[]),
        ("performer=Organization/practitioner-family", &[]),
        ("performer=Practitioner/practitioner-family/_history/1", &["glucose"]),
        ("performer=Practitioner/practitioner-family/_history/2", &[]),
        ("performer=http://elsewhere.test/fhir/Practitioner/practitioner-family", &[]),
        ("performer:identifier=https://lab.payer.test/staff|S-17", &["glucose"]),
        ("performer:identifier=S-18", &[]),
        ("derived-from=Observation/member-1-hba1c", &["average-glucose"]),
        ("derived-from.code=4548-4", &["average-glucose"]),
        ("derived-from:Observation.value-quantity=gt6", &[]),
        ("performer.name=zoe&category=vital-signs", &[]),
        ("performer:Practitioner.family=okafor", &["pressure-crisis", "pressure-usual"]),
        ("patient.identifier=M000001&code=GLU", &["glucose"]),
        ("patient.identifier=M000002", &[]),
        ("_has:Observation:derived-from:code=27353-2", &["hba1c"]),
    ] {
        finds(&payer, &format!("Observation?{query}"), expected).await;
    }
    finds(&payer, &format!("Observation?performer={base}/Practitioner/practitioner-hospitalist"), &["pressure-crisis", "pressure-usual"])
        .await;
    finds(&payer, "Patient?_has:RiskAssessment:patient:probability=gt70", &["member-1"]).await;
    finds(&payer, "Patient?_has:RiskAssessment:patient:probability=gt90", &[]).await;
    finds(&payer, "Practitioner?_has:Observation:performer:patient.family=Nunez", &["practitioner-family", "practitioner-hospitalist"])
        .await;
    finds(&payer, "Coverage?payor.name=wasatch reference d", &["coverage-dental"]).await;
    finds(&payer, "ExplanationOfBenefit?coverage.payor.name=nobody", &[]).await;
}

#[tokio::test]
async fn dates_of_every_precision() {
    let payer = Payer::healthy().await;
    for (query, expected) in [
        ("date=2023-03-14T22:26:53-07:00", &["glucose"][..]),
        ("date=2023-03-15T05:26:53Z", &["glucose"]),
        ("date=2023-03-14", &["potassium"]),
        ("date=2023-03-15", &["glucose"]),
        ("date=2023-03", &["glucose", "potassium"]),
        ("date=2021", &["smoking"]),
        ("date=2024-04", &["alcohol"]),
        ("date=2024-04-01", &[]),
        ("date=sa2024-01-20", &["alcohol", "creatinine"]),
        ("date=eb2021", &["onset"]),
        ("date=lt1990", &["onset"]),
        ("date=gt2090", &["creatinine"]),
        ("date=ge2023-03-14&date=lt2023-04", &["average-glucose", "glucose", "potassium"]),
        ("value-date=2020-08", &["onset"]),
        ("date:missing=true", &[]),
    ] {
        finds(&payer, &format!("Observation?{query}"), expected).await;
    }
    finds(&payer, "RelatedPerson?birthdate=1953", &["spouse"]).await;
    finds(&payer, "RelatedPerson?birthdate=1953-11-01", &[]).await;
}

#[tokio::test]
async fn text_whatever_case_and_accents() {
    let payer = Payer::healthy().await;
    for (query, expected) in [
        ("name=zoe", &["practitioner-surgeon"][..]),
        ("name=ZOË", &["practitioner-surgeon"]),
        ("family=mun", &["practitioner-dentist"]),
        ("given:exact=Zoë", &["practitioner-surgeon"]),
        ("given:exact=zoë", &[]),
        ("given:exact=Zo", &[]),
        ("family:contains=dqv", &["practitioner-surgeon"]),
        ("family=dqv", &[]),
        ("name=lind,okafor", &["practitioner-hospitalist", "practitioner-surgeon"]),
        ("given=zoe&family=okafor", &[]),
    ] {
        finds(&payer, &format!("Practitioner?{query}"), expected).await;
    }
    finds(&payer, "Patient?address=salt&address-city=SALT LAKE&address-postalcode=84105", &["member-1"]).await;
    finds(&payer, "Organization?name=clinica", &["provider-clinic"]).await;
    finds(&payer, r"Observation?value-string=straw\,", &["urine-color"]).await;
    finds(&payer, "Observation?value-string=straw,nothing", &["urine-color"]).await;
    finds(&payer, "Observation?_text=serum", &["cholesterol", "creatinine", "glucose", "potassium"]).await;
    finds(&payer, "Observation?_content=straw clear", &["urine-color"]).await;
}

#[tokio::test]
async fn numbers_quantities_composites_and_uris() {
    let payer = Payer::healthy().await;
    for (query, expected) in [
        ("value-quantity=5.4", &["hba1c"][..]),
        ("value-quantity=5.40|http://unitsofmeasure.org|%25", &["hba1c"]),
        ("value-quantity=5.4||%25", &["hba1c"]),
        ("value-quantity=5.4||mg/dL", &[]),
        ("value-quantity=5.4|http://other.test|%25", &[]),
        ("value-quantity=5.404", &[]),
        ("value-quantity=lt1", &["creatinine"]),
        ("component-value-quantity=120", &["pressure-crisis", "pressure-usual"]),
        ("component-code-value-quantity=8480-6$120", &["pressure-usual"]),
        ("component-code-value-quantity=http://loinc.org|8462-4$120||mm[Hg]", &["pressure-crisis"]),
        ("combo-code-value-quantity=8480-6$ge184,4548-4$5.4", &["hba1c", "pressure-crisis"]),
        ("code-value-concept=72166-2$266919005", &["smoking"]),
        ("code-value-quantity=2345-7$5.4", &[]),
        ("_source=https://clinic.payer.test/records&category=vital-signs", &["pressure-usual"]),
        ("_source:below=https://lab.payer.test/feeds&category=vital-signs", &["pressure-crisis"]),
        ("_source:below=https://lab.payer.test/fee", &[]),
        ("_source:above=https://clinic.payer.test/records/7&category=vital-signs", &["pressure-usual"]),
        ("_source=https://lab.payer.test", &[]),
    ] {
        finds(&payer, &format!("Observation?{query}"), expected).await;
    }
    finds(&payer, "RiskAssessment?probability=12.5", &["risk-heart"]).await;
    finds(&payer, "RiskAssessment?probability=14", &[]).await;
    finds(&payer, "RiskAssessment?probability=ge12.5&probability=le80", &["risk-admission", "risk-fall", "risk-heart"]).await;
    finds(&payer, "ExplanationOfBenefit?_profile:below=http://hl7.org/fhir/us/core", &[]).await;
}

#[tokio::test]
async fn what_is_not_offered_is_refused_under_either_handling() {
    let payer = Payer::healthy().await;
    for path in [
        "Observation?code:in=http://hl7.org/fhir/ValueSet/observation-codes",
        "Observation?date:exact=2023",
        "Observation?value-quantity:not=5",
        "Observation?performer:Device=1",
        "Observation?performer.colour=red",
        "Observation?code.name=x",
        "Observation?performer:Group.name=x",
        "Patient?_has:Observation:patient",
        "Patient?_has:Observation:colour:code=1",
        "Patient?_has:Coverage:type:status=active",
        "Observation?value-quantity=much",
        "Observation?component-code-value-quantity=8480-6",
        "Observation?value-quantity=1|2",
        "Observation?code=",
        "Patient?general-practitioner=a/b/c",
        "Patient?identifier:of-type=MB|1",
    ] {
        payer.get(path).await.is_outcome(400);
        let request = payer.request(path).header("prefer", "handling=lenient");
        super::Got::from(request.send().await.unwrap()).await.is_outcome(400);
    }
    let other = format!("Observation?patient={}", payer.other());
    payer.get(&other).await.is_outcome(403);
}

#[tokio::test]
async fn own_definitions_are_found_by_the_url_that_the_statement_names() {
    let payer = Payer::healthy().await;
    let statement = payer.get("metadata").await.json();
    let mut own = 0;
    for resource in statement["rest"][0]["resource"].as_array().unwrap() {
        for parameter in resource["searchParam"].as_array().into_iter().flatten() {
            let definition = parameter["definition"].as_str().unwrap();
            if let Some(path) = definition.strip_prefix(payer.running.base()) {
                own += 1;
                let read = payer.get(path.trim_start_matches('/')).await.json();
                assert_eq!((&read["url"], &read["code"]), (&parameter["definition"], &parameter["name"]));
                assert_eq!(read["type"], parameter["type"]);
                let found = payer.keys(&format!("SearchParameter?url={definition}")).await;
                assert_eq!(found, [path.trim_start_matches('/')]);
            }
        }
    }
    assert_eq!(own, 9);
    let below = payer.keys(&format!("SearchParameter?url:below={}", payer.running.base())).await;
    assert_eq!(below.len(), 8);
}
