//! The named ways in which the reference payer can be told to break, so that every check can be proven to bite.

use thiserror::Error;

/// One way to be broken: the same break is always at one place in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What the code asks for.
    pub breach: Breach,
    /// The name on the command line: family, full stop, what is wrong.
    pub name: &'static str,
    /// What goes wrong, as a sentence.
    pub summary: &'static str,
}

impl Fault {
    /// The part of the name before the full stop.
    pub fn family(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(family, _)| family)
    }
}

/// A name that is no fault.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown fault `{name}`: choose from {}", known())]
pub struct UnknownFault {
    /// The name as given.
    pub name: String,
}

fn known() -> String {
    FAULTS.iter().map(|fault| fault.name).collect::<Vec<_>>().join(", ")
}

/// The breaks that are switched on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(Vec<Breach>);

impl Faults {
    /// The set of these names.
    ///
    /// # Errors
    /// When a name is not in [`FAULTS`].
    pub fn named(names: &[impl AsRef<str>]) -> Result<Self, UnknownFault> {
        names
            .iter()
            .map(|name| {
                let name = name.as_ref();
                let fault = FAULTS.iter().find(|fault| fault.name == name);
                fault.map(|fault| fault.breach).ok_or_else(|| UnknownFault { name: name.to_owned() })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether this break is switched on.
    pub fn has(&self, breach: Breach) -> bool {
        self.0.contains(&breach)
    }
}

macro_rules! faults {
    ($($breach:ident $name:literal $summary:literal)*) => {
        /// The key of a fault in the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Breach {
            $(#[doc = $summary] $breach,)*
        }

        /// Every fault, by family.
        pub const FAULTS: &[Fault] = &[$(Fault { breach: Breach::$breach, name: $name, summary: $summary },)*];
    };
}

faults! {
    MetadataNoFhirVersion "metadata.no-fhir-version" "The CapabilityStatement has no fhirVersion."
    MetadataWrongVersion "metadata.wrong-version" "The CapabilityStatement says FHIR 3.0.1."
    MetadataNoRest "metadata.no-rest" "The CapabilityStatement has no rest."
    MetadataNoInstantiates "metadata.no-instantiates" "The CapabilityStatement does not instantiate the guide's."
    MetadataOmitsType "metadata.omits-type" "Coverage is not declared, though it is served."
    MetadataOmitsInteraction "metadata.omits-interaction" "Read of ExplanationOfBenefit is not declared, though it works."
    MetadataOmitsSearchParam "metadata.omits-search-param" "The search parameter service-date is not declared, though it works."
    MetadataOmitsInclude "metadata.omits-include" "The includes ExplanationOfBenefit:coverage and ExplanationOfBenefit:* are not declared, though they work."
    MetadataOmitsProfile "metadata.omits-profile" "The profile of pharmacy claims is not declared as supported."
    MetadataTypeTwice "metadata.type-twice" "Coverage is declared twice."
    MetadataSearchParamTwice "metadata.search-param-twice" "The search parameter _id of each type is listed twice."
    ContentTypeTextHtml "content-type.text-html" "Resources are labelled text/html."
    TypeUnsupported200 "type.unsupported-200" "A type that is not served is answered with an empty searchset."
    InteractionUndeclared200 "interaction.undeclared-200" "The history of a type is answered, though it is not declared."
    ReadWrongId "read.wrong-id" "A read of an ExplanationOfBenefit answers with another one."
    ReadWrongType "read.wrong-type" "A read of a Coverage answers with a Patient."
    ReadUnknownId200 "read.unknown-id-200" "A read of an unknown id is answered 200 with a made-up resource."
    ReadUnknownId500 "read.unknown-id-500" "A read of an unknown id is answered 500."
    ReadMalformedId500 "read.malformed-id-500" "A read by a malformed id is answered 500."
    ReadStaleContent "read.stale-content" "A read ExplanationOfBenefit differs from the copy in a search."
    ReadNoEtag "read.no-etag" "A read carries no ETag."
    ReadIgnoresIfNoneMatch "read.ignores-if-none-match" "A conditional read always sends the resource."
    VreadIgnoresVersion "vread.ignores-version" "A vread answers with a resource of another version."
    VreadUnknownVersion200 "vread.unknown-version-200" "A vread of an unknown version answers with the current one."
    HistoryWrongBundleType "history.wrong-bundle-type" "A history is a Bundle of type searchset."
    HistoryEmpty "history.empty" "A history has no entries."
    SearchIgnoresServiceDate "search.ignores-service-date" "A search pays no attention to service-date."
    SearchIgnoresPatient "search.ignores-patient" "A search pays no attention to patient, and shows other members' resources."
    SearchIgnoresType "search.ignores-type" "A search pays no attention to type."
    SearchIgnoresId "search.ignores-id" "A search pays no attention to _id."
    SearchIgnoresIdentifier "search.ignores-identifier" "A search pays no attention to identifier."
    SearchIgnoresLastUpdated "search.ignores-last-updated" "A search pays no attention to _lastUpdated."
    SearchDropsNewestMatch "search.drops-newest-match" "A search of ExplanationOfBenefit by more than patient leaves out the newest match."
    SearchTypeCodeOnlyExact "search.type-code-only-exact" "A search by type finds nothing when the system is not given."
    SearchNoMatchReturnsAll "search.no-match-returns-all" "A search that matches nothing answers with everything."
    SearchNoMatch404 "search.no-match-404" "A search that matches nothing is answered 404."
    SearchPrefixGeAsGt "search.prefix-ge-as-gt" "The prefix ge is taken as gt."
    SearchPrefixIgnored "search.prefix-ignored" "All date prefixes are taken as eq."
    SearchIgnoresTail "search.ignores-tail" "Of several values separated by commas only the first counts."
    SearchBadValueIgnored "search.bad-value-ignored" "A malformed date in a search is ignored."
    SearchUnknownParamIgnored "search.unknown-param-ignored" "An unknown search parameter is ignored, even under strict handling."
    SearchIgnoresTag "search.ignores-tag" "A search pays no attention to _tag."
    SearchIgnoresSecurity "search.ignores-security" "A search pays no attention to _security."
    SearchIgnoresProfile "search.ignores-profile" "A search pays no attention to _profile."
    SearchIgnoresSource "search.ignores-source" "A search pays no attention to _source."
    SearchIgnoresText "search.ignores-text" "A search pays no attention to _text."
    SearchIgnoresContent "search.ignores-content" "A search pays no attention to _content."
    ModifierUnknownIgnored "modifier.unknown-ignored" "A modifier that is not offered is ignored."
    MissingIgnored "missing.ignored" "A search pays no attention to :missing."
    MissingInverted "missing.inverted" ":missing=true finds what has a value, and :missing=false what has none."
    OrAsAnd "or.as-and" "Of several values separated by commas all must match."
    OrAsOneValue "or.as-one-value" "A comma is taken as a part of the value."
    AndAsOr "and.as-or" "Of a parameter that is given more than once any must match."
    AndLastOnly "and.last-only" "Of a parameter that is given more than once only the last counts."
    AndFirstOnly "and.first-only" "Of a parameter that is given more than once only the first counts."
    TokenSystemIgnored "token.system-ignored" "Of system|code only the code is compared."
    TokenEmptySystemFindsAny "token.empty-system-finds-any" "|code finds codes of any system."
    TokenSystemAloneFindsNothing "token.system-alone-finds-nothing" "system| finds nothing."
    TokenFirstCodingOnly "token.first-coding-only" "Of a CodeableConcept only the first coding is compared."
    TokenNotIgnored "token.not-ignored" "A search pays no attention to a parameter with :not."
    TokenNotAsEquals "token.not-as-equals" ":not finds what has the code."
    TokenNotNeedsValue "token.not-needs-value" ":not leaves out what has no code at all."
    TokenTextAsCode "token.text-as-code" ":text looks at codes."
    TokenOfTypeIgnoresType "token.of-type-ignores-type" ":of-type finds identifiers of any type."
    TokenOfTypeIgnoresValue "token.of-type-ignores-value" ":of-type finds identifiers with any value."
    ReferenceBareIdUnknown "reference.bare-id-unknown" "A reference is not found by its bare id."
    ReferenceAbsoluteUnknown "reference.absolute-unknown" "A reference is not found by its absolute URL."
    ReferenceTypeIgnored "reference.type-ignored" "A type that follows the parameter is ignored."
    ReferenceWrongTypeFound "reference.wrong-type-found" "Of Type/id only the id is compared."
    ReferenceIdentifierIgnored "reference.identifier-ignored" "A search pays no attention to a parameter with :identifier."
    ReferenceVersionedNotFound "reference.versioned-not-found" "A reference to a version is not found by the resource's id."
    DateEqAsGe "date.eq-as-ge" "A date without a prefix finds what is later too."
    DateNeAsEq "date.ne-as-eq" "The prefix ne of a date is taken as eq."
    DateGtAsLt "date.gt-as-lt" "The prefix gt of a date is taken as lt."
    DateLtAsGt "date.lt-as-gt" "The prefix lt of a date is taken as gt."
    DateLeAsLt "date.le-as-lt" "The prefix le of a date is taken as lt."
    DateSaAsEb "date.sa-as-eb" "The prefix sa of a date is taken as eb."
    DateEbAsSa "date.eb-as-sa" "The prefix eb of a date is taken as sa."
    DateApAsNe "date.ap-as-ne" "The prefix ap of a date is taken as ne."
    DateYearAsFirstDay "date.year-as-first-day" "A year stands for its first day."
    DateMonthAsFirstDay "date.month-as-first-day" "A month stands for its first day."
    DateTimeIgnored "date.time-ignored" "The time of day in a search is ignored."
    DateZoneIgnored "date.zone-ignored" "The time zone in a search is ignored."
    DatePeriodEndIgnored "date.period-end-ignored" "Of a Period only the start counts."
    DatePeriodStartIgnored "date.period-start-ignored" "Of a Period only the end counts."
    DateOpenEndNotFound "date.open-end-not-found" "A Period without an end is never found."
    StringExactAsStart "string.exact-as-start" ":exact finds what starts with the text."
    StringExactFolds "string.exact-folds" ":exact pays no attention to case and accents."
    StringContainsAsStart "string.contains-as-start" ":contains finds only what starts with the text."
    StringCaseCounts "string.case-counts" "Text is found only in the case in which it is written."
    StringAccentsCount "string.accents-count" "Text is found only with the accents with which it is written."
    StringStartAsWhole "string.start-as-whole" "Text is found only as a whole."
    StringStartAsContains "string.start-as-contains" "Text is found wherever it occurs."
    StringFirstPartOnly "string.first-part-only" "Of a name or an address only the first part is compared."
    NumberPrecisionIgnored "number.precision-ignored" "A number stands for itself only, not for what rounds to it."
    NumberPrefixIgnored "number.prefix-ignored" "All prefixes of numbers are taken as eq."
    NumberNeAsEq "number.ne-as-eq" "The prefix ne of a number is taken as eq."
    NumberGtAsLt "number.gt-as-lt" "The prefix gt of a number is taken as lt."
    NumberLtAsGt "number.lt-as-gt" "The prefix lt of a number is taken as gt."
    NumberGeAsGt "number.ge-as-gt" "The prefix ge of a number is taken as gt."
    NumberLeAsLt "number.le-as-lt" "The prefix le of a number is taken as lt."
    NumberSaAsEb "number.sa-as-eb" "The prefix sa of a number is taken as eb."
    NumberEbAsSa "number.eb-as-sa" "The prefix eb of a number is taken as sa."
    QuantitySystemIgnored "quantity.system-ignored" "The system of a unit is ignored."
    QuantityUnitIgnored "quantity.unit-ignored" "The unit of a quantity is ignored."
    QuantityNeedsUnit "quantity.needs-unit" "A quantity is not found by its number alone."
    UriStartFound "uri.start-found" "A URI is found by its start."
    UriBelowIgnored "uri.below-ignored" "The modifier :below is ignored."
    UriAboveIgnored "uri.above-ignored" "The modifier :above is ignored."
    CompositeIgnored "composite.ignored" "A search pays no attention to composite parameters."
    CompositeFirstPartOnly "composite.first-part-only" "Of a composite only the first part is compared."
    CompositeLastPartOnly "composite.last-part-only" "Of a composite only the last part is compared."
    CompositeAcrossElements "composite.across-elements" "The parts of a composite are found in different components."
    ChainIgnored "chain.ignored" "A search pays no attention to chained parameters."
    ChainFindsNothing "chain.finds-nothing" "A chain finds nothing."
    ChainEndIgnored "chain.end-ignored" "Of a chain only the type of the resource at its end is compared."
    HasIgnored "has.ignored" "A search pays no attention to _has."
    HasFindsNothing "has.finds-nothing" "_has finds nothing."
    HasEndIgnored "has.end-ignored" "_has finds whatever is referred to, whatever the other resource says."
    PostSearchIgnored "post-search.ignored" "A POST to _search pays no attention to its body."
    IncludeIgnored "include.ignored" "No _include brings anything."
    IncludeIgnoredCareTeam "include.ignored-care-team" "The include ExplanationOfBenefit:care-team brings nothing."
    IncludeMarksAsMatch "include.marks-as-match" "Included resources are marked as matches."
    IncludeUnrequested "include.unrequested" "The payer is included in every search of ExplanationOfBenefit."
    PagingLoops "paging.loops" "The next link of the second page leads to the second page."
    PagingDropsLastPage "paging.drops-last-page" "The last page but one has no next link."
    PagingRepeatsEntry "paging.repeats-entry" "Each page begins with the last entry of the page before."
    PagingIgnoresCount "paging.ignores-count" "A page is as large as it likes, whatever _count says."
    SortIgnored "sort.ignored" "_sort changes nothing."
    SummaryCountHasEntries "summary.count-has-entries" "_summary=count answers with entries."
    BundleNoSelfLink "bundle.no-self-link" "A searchset has no self link."
    BundleWrongType "bundle.wrong-type" "A searchset is a Bundle of type collection."
    BundleNoFullUrl "bundle.no-full-url" "Entries of a searchset have no fullUrl."
    BundleForeignFullUrl "bundle.foreign-full-url" "The fullUrl of an entry names another resource."
    BundleNoSearchMode "bundle.no-search-mode" "Entries of a searchset have no search.mode."
    BundleWrongTotal "bundle.wrong-total" "The total of a searchset is one too many."
    BundleDuplicateEntry "bundle.duplicate-entry" "The first entry of a searchset stands in it twice."
    BundleForeignType "bundle.foreign-type" "A searchset holds, marked as a match, a resource of another type."
    CreateNoLocation "create.no-location" "A create carries no Location."
    CreateStatus200 "create.status-200" "A create is answered 200."
    CreateLosesData "create.loses-data" "A create leaves out the payor of a Coverage."
    CreateIgnoresCondition "create.ignores-condition" "A create pays no attention to If-None-Exist."
    UpdateKeepsVersion "update.keeps-version" "An update leaves the version as it was."
    UpdateAcceptsStale "update.accepts-stale" "An update pays no attention to If-Match."
    UpdateIgnored "update.ignored" "An update is answered as if done, and changes nothing."
    PatchIgnored "patch.ignored" "A patch is answered as if done, and changes nothing."
    DeleteLeavesReadable "delete.leaves-readable" "A delete is answered as if done, and the resource stays."
    BatchEmptyAnswer "batch.empty-answer" "A batch is answered without entries."
    DataUnknownElement "data.unknown-element" "A Practitioner has an element that R4 does not know."
    DataUnknownCode "data.unknown-code" "The gender of a Patient is no code of its value set."
    DataUntypedClaimNumber "data.untyped-claim-number" "The claim number of a pharmacy claim does not say that it is one."
    DataTwoFocalInsurances "data.two-focal-insurances" "Two insurances of a professional claim are focal."
    ErrorNoOperationOutcome "error.no-operation-outcome" "Errors have an empty body."
    ErrorHtml "error.html" "Errors are an HTML page."
    AuthTokenNotRequired "auth.token-not-required" "Whoever has no token sees everything."
    AuthOtherMemberVisible "auth.other-member-visible" "A token opens the resources of other members."
    AuthNoChallenge "auth.no-challenge" "A refusal for want of a token has no WWW-Authenticate."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::{Breach, FAULTS, Faults};

    #[test]
    fn names_are_unique_and_belong_to_a_family() {
        let names: BTreeSet<_> = FAULTS.iter().map(|fault| fault.name).collect();
        assert_eq!(names.len(), FAULTS.len());
        assert!(FAULTS.len() >= 30);
        for fault in FAULTS {
            assert!(fault.name.contains('.') && !fault.family().is_empty(), "{}", fault.name);
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let error = Faults::named(&["search.nonsense"]).unwrap_err().to_string();
        assert!(error.contains("search.nonsense") && error.contains("search.ignores-service-date"), "{error}");
        assert!(Faults::named(&["read.wrong-id"]).unwrap().has(Breach::ReadWrongId));
    }

    #[test]
    fn every_fault_breaks_something_at_one_place() {
        let mut code = String::new();
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_some_and(|name| name != "fault.rs") {
                    code.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        for fault in FAULTS {
            let key = format!("Breach::{:?}", fault.breach);
            let uses = code.split(&key).skip(1).filter(|rest| !rest.starts_with(char::is_alphanumeric)).count();
            assert_eq!(uses, 1, "{} is used {uses} times", fault.name);
        }
    }
}
