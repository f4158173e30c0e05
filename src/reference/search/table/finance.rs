//! Parameters of claims and coverage: the guide's own and those of R4.

use super::{Kind, Parameter, core, row};

macro_rules! carin {
    ($name:literal) => {
        concat!("http://hl7.org/fhir/us/carin-bb/SearchParameter/", $name)
    };
}

const MEMBER: Kind = Kind::Reference(&["Patient"]);
const PROVIDER: Kind = Kind::Reference(&["Practitioner", "Organization", "PractitionerRole"]);
const HOLDER: Kind = Kind::Reference(&["Organization", "Patient", "RelatedPerson"]);

/// ExplanationOfBenefit.
pub const CLAIM: &[Parameter] = &[
    row!("patient" MEMBER, carin!("explanationofbenefit-patient"), "patient"),
    row!("type" Kind::Token, carin!("explanationofbenefit-type"), "type"),
    row!("identifier" Kind::Token, carin!("explanationofbenefit-identifier"), "identifier"),
    row!("service-date" Kind::Date, carin!("explanationofbenefit-service-date"), "billablePeriod" "item.servicedDate" "item.servicedPeriod"),
    row!("status" Kind::Token, core!("ExplanationOfBenefit-status"), "status"),
    row!("created" Kind::Date, core!("ExplanationOfBenefit-created"), "created"),
    row!("provider" PROVIDER, core!("ExplanationOfBenefit-provider"), "provider"),
    row!("care-team" PROVIDER, core!("ExplanationOfBenefit-care-team"), "careTeam.provider"),
    row!("coverage" Kind::Reference(&["Coverage"]), core!("ExplanationOfBenefit-coverage"), "insurance.coverage"),
    row!(
        "payee" Kind::Reference(&["Practitioner", "Organization", "Patient", "PractitionerRole", "RelatedPerson"]),
        core!("ExplanationOfBenefit-payee"),
        "payee.party"
    ),
];

/// What came with the second generation of the guide.
pub const CLAIM_STARTS: &[Parameter] = &[
    row!(
        "service-start-date" Kind::Date,
        carin!("explanationofbenefit-service-start-date"),
        "billablePeriod.start" "item.servicedDate" "item.servicedPeriod.start"
    ),
    row!("billable-period-start" Kind::Date, carin!("explanationofbenefit-billable-period-start"), "billablePeriod.start"),
];

/// Coverage.
pub const COVERAGE: &[Parameter] = &[
    row!("patient" MEMBER, core!("Coverage-patient"), "beneficiary"),
    row!("beneficiary" MEMBER, core!("Coverage-beneficiary"), "beneficiary"),
    row!("payor" HOLDER, carin!("coverage-payor"), "payor"),
    row!("policy-holder" HOLDER, core!("Coverage-policy-holder"), "policyHolder"),
    row!("subscriber" Kind::Reference(&["Patient", "RelatedPerson"]), core!("Coverage-subscriber"), "subscriber"),
    row!("identifier" Kind::Token, core!("Coverage-identifier"), "identifier"),
    row!("status" Kind::Token, core!("Coverage-status"), "status"),
    row!("type" Kind::Token, core!("Coverage-type"), "type"),
    row!("class-type" Kind::Token, core!("Coverage-class-type"), "class.type"),
    row!("class-value" Kind::String, core!("Coverage-class-value"), "class.value"),
    row!("dependent" Kind::String, core!("Coverage-dependent"), "dependent"),
];
