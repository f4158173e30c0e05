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
    MetadataNoKind "metadata.no-kind" "The CapabilityStatement does not say what kind it is."
    MetadataNoJson "metadata.no-json" "The CapabilityStatement does not list JSON among its formats, though it works."
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
    ContentTypePlainJson "content-type.plain-json" "JSON is labelled application/json."
    ContentTypeNoCharset "content-type.no-charset" "The Content-Type of JSON names no charset."
    ContentTypeLatin1 "content-type.latin1" "The Content-Type of JSON says iso-8859-1."
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
    ReadStrongEtag "read.strong-etag" "The ETag is not marked as weak."
    VreadIgnoresVersion "vread.ignores-version" "A vread answers with a resource of another version."
    VreadUnknownVersion200 "vread.unknown-version-200" "A vread of an unknown version answers with the current one."
    HistoryWrongBundleType "history.wrong-bundle-type" "A history is a Bundle of type searchset."
    HistoryEmpty "history.empty" "A history has no entries."
    HistoryOldestFirst "history.oldest-first" "A history begins with the oldest version."
    HistoryOmitsFormer "history.omits-former" "A history holds the last change of each resource only."
    HistoryOmitsDelete "history.omits-delete" "A history does not tell of deletions."
    HistoryRepeatsVersion "history.repeats-version" "The newest version stands in a history twice."
    HistoryForeignResource "history.foreign-resource" "The history of a resource or type holds another resource too."
    HistoryNoRequestUrl "history.no-request-url" "The entries of a history do not say what was requested of which resource."
    HistoryNoResponse "history.no-response" "The entries of a history have no response."
    HistoryDiffersFromVread "history.differs-from-vread" "A version in a history differs from the same version read by itself."
    HistoryIgnoresCount "history.ignores-count" "A history pays no attention to _count."
    HistoryIgnoresSince "history.ignores-since" "A history pays no attention to _since."
    HistoryDropsLastPage "history.drops-last-page" "The last page of a history but one has no next link."
    VreadFormerNotFound "vread.former-not-found" "A vread of a version that is not the current one is answered 404."
    VreadCurrentContent "vread.current-content" "A vread answers with the current content under the version asked for."
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
    PostSearchIgnored "post-search.ignored" "A POST to _search pays no attention to its body."
    PostSearchFirstOnly "post-search.first-only" "Of the parameters in the body of a POST to _search only the first counts."
    PostSearchIgnoresUrl "post-search.ignores-url" "A POST to _search pays no attention to what stands in the URL."
    PostSearchWrongTotal "post-search.wrong-total" "The total of a search by POST is one too many."
    PostSearchNoNext "post-search.no-next" "The answer to a POST to _search has no next link."
    IncludeIgnored "include.ignored" "No _include brings anything."
    IncludeIgnoredCareTeam "include.ignored-care-team" "The include ExplanationOfBenefit:care-team brings nothing."
    IncludeMarksAsMatch "include.marks-as-match" "Included resources are marked as matches."
    IncludeUnrequested "include.unrequested" "The payer is included in every search of ExplanationOfBenefit."
    IncludeStarIgnored "include.star-ignored" "The include * brings nothing."
    IncludeStaleCopy "include.stale-copy" "An included resource differs from the read copy."
    IncludeRefusesTarget "include.refuses-target" "An _include with a target type is refused."
    IncludeIterateIgnored "include.iterate-ignored" "_include:iterate brings no more than _include."
    IncludeFirstPageOnly "include.first-page-only" "Only the first page of a search brings what is included."
    IncludeTwice "include.twice" "One included resource stands in the Bundle twice."
    IncludeDropsMatch "include.drops-match" "A search with _include finds one match less."
    IncludeReverseIgnored "include.reverse-ignored" "No _revinclude brings anything."
    IncludeReverseUnrelated "include.reverse-unrelated" "A _revinclude brings every resource of its type."
    IncludeReverseMarksAsMatch "include.reverse-marks-as-match" "What a _revinclude brings is marked as a match."
    IncludeReverseDropsMatch "include.reverse-drops-match" "A search with _revinclude finds one match less."
    PagingLoops "paging.loops" "The next link of the second page leads to the second page."
    PagingDropsLastPage "paging.drops-last-page" "The last page but one has no next link."
    PagingRepeatsEntry "paging.repeats-entry" "Each page begins with the last entry of the page before."
    PagingIgnoresCount "paging.ignores-count" "A page is as large as it likes, whatever _count says."
    PagingSkipsEntry "paging.skips-entry" "Each page but the first leaves out its first entry."
    PagingForgetsCount "paging.forgets-count" "The next link forgets _count."
    PagingForeignNext "paging.foreign-next" "The next link leads to another host."
    PagingWrongFirst "paging.wrong-first" "The first link leads to the second page."
    PagingWrongPrevious "paging.wrong-previous" "The previous link leads to the page itself."
    PagingWrongLast "paging.wrong-last" "The last link leads to the first page."
    CountZeroHasEntries "count.zero-has-entries" "_count=0 answers with entries."
    CountZeroHasLinks "count.zero-has-links" "_count=0 answers with a link to the last page."
    CountZeroNoTotal "count.zero-no-total" "_count=0 answers without a total."
    CountZeroWrongTotal "count.zero-wrong-total" "_count=0 answers with a total of 0."
    CountOneMore "count.one-more" "A page has one match more than _count asks for."
    CountLargeRefused "count.large-refused" "A _count beyond the largest page is refused."
    CountLargeDropsRest "count.large-drops-rest" "A search with a _count beyond the largest page finds no more than ten."
    TotalOfPage "total.of-page" "The total is the number of matches on the page."
    TotalOfRest "total.of-rest" "The total of a later page is the number of matches that are left."
    TotalCountsIncluded "total.counts-included" "The total counts included resources."
    TotalNoneDropsMatch "total.none-drops-match" "A search with _total=none finds one match less."
    TotalEstimateDropsMatch "total.estimate-drops-match" "A search with _total=estimate finds one match less."
    TotalAccurateDropsMatch "total.accurate-drops-match" "A search with _total=accurate finds one match less."
    TotalAccurateMissing "total.accurate-missing" "A search with _total=accurate has no total."
    TotalAccurateWrong "total.accurate-wrong" "The total of a search with _total=accurate is one too many."
    SortIgnored "sort.ignored" "_sort changes nothing."
    SortAlwaysAscending "sort.always-ascending" "_sort pays no attention to the minus sign."
    SortAscendingFalls "sort.ascending-falls" "_sort without a minus sign sorts in falling order."
    SortSecondKeyIgnored "sort.second-key-ignored" "_sort uses its first key only."
    SortPerPage "sort.per-page" "_sort orders each page for itself."
    SortDropsMatch "sort.drops-match" "A search with _sort finds one match less."
    SummaryCountHasEntries "summary.count-has-entries" "_summary=count answers with entries."
    SummaryCountNoTotal "summary.count-no-total" "_summary=count answers without a total."
    SummaryCountWrongTotal "summary.count-wrong-total" "The total of _summary=count is one too many."
    SummaryTrueWhole "summary.true-whole" "_summary=true brings whole resources."
    SummaryTrueLoses "summary.true-loses" "_summary=true leaves out the identifier."
    SummaryTextWhole "summary.text-whole" "_summary=text brings whole resources."
    SummaryTextLosesNarrative "summary.text-loses-narrative" "_summary=text leaves out the narrative."
    SummaryTextLosesMandatory "summary.text-loses-mandatory" "_summary=text leaves out mandatory elements."
    SummaryDataKeepsNarrative "summary.data-keeps-narrative" "_summary=data keeps the narrative."
    SummaryDataLoses "summary.data-loses" "_summary=data leaves out the identifier."
    SummaryFalseCuts "summary.false-cuts" "_summary=false leaves out the identifier."
    SummaryNotTagged "summary.not-tagged" "What _summary cuts down is not tagged as SUBSETTED."
    SummaryDropsMatch "summary.drops-match" "A search with _summary finds one match less."
    ElementsIgnored "elements.ignored" "_elements brings whole resources, though the self link names it."
    ElementsLoseListed "elements.lose-listed" "_elements leaves out what it lists."
    ElementsLoseMandatory "elements.lose-mandatory" "_elements leaves out mandatory elements."
    ElementsNotTagged "elements.not-tagged" "What _elements cuts down is not tagged as SUBSETTED."
    ElementsDropMatch "elements.drop-match" "A search with _elements finds one match less."
    ElementsCutIncluded "elements.cut-included" "_elements cuts down included resources."
    BundleNoSelfLink "bundle.no-self-link" "A searchset has no self link."
    BundleWrongType "bundle.wrong-type" "A searchset is a Bundle of type collection."
    BundleNoFullUrl "bundle.no-full-url" "Entries of a searchset have no fullUrl."
    BundleForeignFullUrl "bundle.foreign-full-url" "The fullUrl of an entry names another resource."
    BundleNoSearchMode "bundle.no-search-mode" "Entries of a searchset have no search.mode."
    BundleWrongTotal "bundle.wrong-total" "The total of a searchset is one too many."
    BundleDuplicateEntry "bundle.duplicate-entry" "The first entry of a searchset stands in it twice."
    BundleForeignType "bundle.foreign-type" "A searchset holds, marked as a match, a resource of another type."
    SelfLinkOmitsFilter "self-link.omits-filter" "The self link leaves out _id, by which the result is filtered."
    SelfLinkEchoesIgnored "self-link.echoes-ignored" "The self link names a parameter that was ignored."
    BundleRelativeFullUrl "bundle.relative-full-url" "The fullUrl of an entry is a relative reference."
    BundleVersionedFullUrl "bundle.versioned-full-url" "The fullUrl of an entry names a version."
    BundleEmptyNoLinks "bundle.empty-no-links" "A searchset without entries has no self link."
    BundleOutcomeAsMatch "bundle.outcome-as-match" "What is said of an ignored parameter is marked as a match."
    CreateNoLocation "create.no-location" "A create carries no Location."
    CreateStatus200 "create.status-200" "A create is answered 200."
    CreateLosesData "create.loses-data" "A create leaves out the payor of a Coverage."
    CreateIgnoresCondition "create.ignores-condition" "A create pays no attention to If-None-Exist."
    UpdateKeepsVersion "update.keeps-version" "An update leaves the version as it was."
    UpdateAcceptsStale "update.accepts-stale" "An update pays no attention to If-Match."
    UpdateIgnored "update.ignored" "An update is answered as if done, and changes nothing."
    PatchIgnored "patch.ignored" "A patch is answered as if done, and changes nothing."
    DeleteLeavesReadable "delete.leaves-readable" "A delete is answered as if done, and the resource stays."
    CreateTakesId "create.takes-id" "A create keeps the id that the body names."
    CreateIgnoresPreference "create.ignores-preference" "A create pays no attention to Prefer: return=minimal."
    UpdateAcceptsOtherId "update.accepts-other-id" "An update takes a body with another id than the URL."
    UpdateAcceptsNoId "update.accepts-no-id" "An update takes a body without an id."
    PatchIgnoresTest "patch.ignores-test" "A patch pays no attention to its test operations."
    BatchReversed "batch.reversed" "A batch is answered from its last entry to its first."
    BatchWrongContent "batch.wrong-content" "A resource in the answer of a batch differs from the one that is read."
    BatchStopsAtFailure "batch.stops-at-failure" "After an entry that fails a batch refuses all others."
    BatchFailureAs200 "batch.failure-as-200" "An entry of a batch that fails says 200."
    BatchWrongType "batch.wrong-type" "A batch is answered with a Bundle of type searchset."
    TransactionAcceptsOverlap "transaction.accepts-overlap" "A transaction may change one resource twice."
    TransactionNotAtomic "transaction.not-atomic" "A transaction that is refused leaves what it did before."
    TransactionIgnored "transaction.ignored" "A transaction is answered as if done, and changes nothing."
    TransactionReversed "transaction.reversed" "A transaction is answered from its last entry to its first."
    OperationBreaks "operation.breaks" "$everything is answered 500."
    OperationAsParameters "operation.as-parameters" "$everything is answered with Parameters."
    OperationWrongBundleType "operation.wrong-bundle-type" "$everything is answered with a Bundle of type collection."
    OperationOmitsPatient "operation.omits-patient" "$everything leaves out the patient."
    OperationDropsClaim "operation.drops-claim" "$everything leaves out one ExplanationOfBenefit."
    OperationOtherMember "operation.other-member" "$everything brings the resources of every member."
    OperationIgnoresType "operation.ignores-type" "$everything pays no attention to _type."
    BatchEmptyAnswer "batch.empty-answer" "A batch is answered without entries."
    DataUnknownElement "data.unknown-element" "A Practitioner has an element that R4 does not know."
    DataUnknownCode "data.unknown-code" "The gender of a Patient is no code of its value set."
    DataUntypedClaimNumber "data.untyped-claim-number" "The claim number of a pharmacy claim does not say that it is one."
    DataTwoFocalInsurances "data.two-focal-insurances" "Two insurances of a professional claim are focal."
    DataMissingElement "data.missing-element" "A class of a Coverage has no value."
    DataListForOne "data.list-for-one" "A list stands where a Practitioner has one value."
    DataOneForList "data.one-for-list" "One contact point of a Practitioner stands where a list should."
    DataNumberAsText "data.number-as-text" "A number is written as text."
    DataEmptyList "data.empty-list" "A list has no entries."
    DataEmptyObject "data.empty-object" "An element has neither value nor children."
    DataNullInList "data.null-in-list" "A list holds null without an extension beside it."
    DataTwoChoices "data.two-choices" "A choice of types has two values at once."
    DataWrongChoice "data.wrong-choice" "A choice of types has a type that is not among them."
    DataContainedUnreferenced "data.contained-unreferenced" "A contained resource is referenced by nothing."
    DataContainedInContained "data.contained-in-contained" "A contained resource contains another one."
    DataContainedWithVersion "data.contained-with-version" "A contained resource has a version."
    DataContainedWithSecurity "data.contained-with-security" "A contained resource has a security label."
    DataFragmentLeadsNowhere "data.fragment-leads-nowhere" "A reference names a contained resource that is not there."
    DataReferenceToWrongType "data.reference-to-wrong-type" "A reference leads to a type that its element does not allow."
    DataExtensionValueAndParts "data.extension-value-and-parts" "An extension has both a value and extensions."
    DataExtensionWithoutUrl "data.extension-without-url" "An extension has no url."
    DataExtensionOfWrongType "data.extension-of-wrong-type" "The birth sex of a Patient is a string and no code."
    DataExtensionInWrongPlace "data.extension-in-wrong-place" "An Organization has the extension for the birth sex of a Patient."
    DataModifierInExtension "data.modifier-in-extension" "An extension has a modifierExtension."
    DataContactWithoutDetails "data.contact-without-details" "A contact of a Patient has neither name nor details."
    DataPeriodBackwards "data.period-backwards" "A period ends before it starts."
    DataTelecomWithoutSystem "data.telecom-without-system" "A contact point has a value and no system."
    DataQuantityCodeWithoutSystem "data.quantity-code-without-system" "A quantity has a code for its unit and no system."
    DataAttachmentWithoutType "data.attachment-without-type" "An attachment has data and no content type."
    DataNarrativeWithScript "data.narrative-with-script" "A narrative has a script in it."
    DataNarrativeEmpty "data.narrative-empty" "A narrative says nothing."
    DataNarrativeIllFormed "data.narrative-ill-formed" "A narrative is no well-formed XML."
    DataUnknownCodeOfClaim "data.unknown-code-of-claim" "The outcome of a claim is no code of its value set."
    DataImpossibleDate "data.impossible-date" "A date is the 30th of February."
    DataTimeWithoutZone "data.time-without-zone" "A time has no zone."
    DataDateTimeForDate "data.date-time-for-date" "A time stands where a date should."
    DataSpacesInCode "data.spaces-in-code" "A code has two spaces in a row."
    DataSpacesInUrl "data.spaces-in-url" "A url has a space in it."
    DataBadBase64 "data.bad-base64" "Data is not base64."
    DataNegativeSize "data.negative-size" "A size is negative."
    DataZeroRank "data.zero-rank" "A rank is 0."
    DataEmptyText "data.empty-text" "A string is empty."
    DataTextForBoolean "data.text-for-boolean" "A boolean is written as text."
    DataBadOid "data.bad-oid" "An OID is none."
    DataBadUuid "data.bad-uuid" "A UUID is none."
    DataBadTime "data.bad-time" "A time of day is 25 o'clock."
    PatientNoMemberId "patient.no-member-id" "A Patient has no member id."
    PatientNoName "patient.no-name" "A Patient has no name."
    PatientNamelessName "patient.nameless-name" "The name of a Patient has neither family nor given name."
    PatientNoGender "patient.no-gender" "A Patient has no gender."
    PatientTelecomWithoutValue "patient.telecom-without-value" "A contact point of a Patient has no value."
    PatientIdentifierWithoutSystem "patient.identifier-without-system" "An identifier of a Patient has no system."
    PatientRaceWithoutText "patient.race-without-text" "The race of a Patient has no text."
    PatientEthnicityUnknown "patient.ethnicity-unknown" "The ethnicity of a Patient is no code of its value set."
    PatientProfileWithoutVersion "patient.profile-without-version" "A Patient claims its profile without a version."
    CoverageNoSubscriberId "coverage.no-subscriber-id" "A Coverage has no subscriber id."
    CoverageNoRelationship "coverage.no-relationship" "A Coverage does not say how beneficiary and subscriber are related."
    CoverageUnknownRelationship "coverage.unknown-relationship" "The relationship of a Coverage is no code of its value set."
    CoverageTwoGroups "coverage.two-groups" "A Coverage has two groups."
    CoverageTwoPayors "coverage.two-payors" "A Coverage has two payors."
    CoverageProfileWithoutVersion "coverage.profile-without-version" "A Coverage claims its profile without a version."
    OrganizationNoActive "organization.no-active" "An Organization does not say whether it is active."
    OrganizationNoName "organization.no-name" "An Organization has no name."
    OrganizationHomeAddress "organization.home-address" "An Organization has a home address."
    OrganizationHomeTelecom "organization.home-telecom" "An Organization has a home telephone."
    OrganizationTwoNpis "organization.two-npis" "An Organization has two NPIs."
    OrganizationProfileWithoutVersion "organization.profile-without-version" "An Organization claims its profile without a version."
    PractitionerUntypedIdentifiers "practitioner.untyped-identifiers" "A Practitioner has neither NPI nor tax number."
    PractitionerNoFamilyName "practitioner.no-family-name" "A Practitioner has no family name."
    PractitionerTwoNpis "practitioner.two-npis" "A Practitioner has two NPIs."
    RelatedPersonNoActive "related-person.no-active" "A RelatedPerson does not say whether it is active."
    RelatedPersonAnonymous "related-person.anonymous" "A RelatedPerson has neither name nor relationship."
    RelatedPersonProfileWithoutVersion "related-person.profile-without-version" "A RelatedPerson claims its profile without a version."
    ClaimTwoClaimNumbers "claim.two-claim-numbers" "An oral claim has two claim numbers."
    ClaimPreauthorization "claim.preauthorization" "An oral claim is a preauthorization."
    ClaimNoBillingStart "claim.no-billing-start" "A professional claim does not say when its service began."
    ClaimRelatedWithoutReference "claim.related-without-reference" "A related claim is not named."
    ClaimUnknownRelation "claim.unknown-relation" "The relation of an outpatient claim to another is no code of its value set."
    ClaimOtherPayeeWithoutParty "claim.other-payee-without-party" "An inpatient claim is paid to somebody else, and does not say whom."
    ClaimInsurerNoOrganization "claim.insurer-no-organization" "The insurer of an outpatient claim is a Practitioner."
    ClaimPaymentStatusUnknown "claim.payment-status-unknown" "The payment status of a pharmacy claim is no code of its value set."
    ClaimNoTotal "claim.no-total" "A pharmacy claim has no total."
    ClaimTotalWithoutAmount "claim.total-without-amount" "A total of an oral claim has no amount."
    ClaimItemSequenceZero "claim.item-sequence-zero" "The first line of a claim has the number 0."
    ClaimProfileOfAnotherVersion "claim.profile-of-another-version" "An oral claim claims the profile of another version."
    InpatientNoAdmissionPeriod "inpatient.no-admission-period" "An inpatient claim has no admission period."
    InpatientAdmissionAsDate "inpatient.admission-as-date" "The admission period of an inpatient claim is a date."
    InpatientTypeOfBillWithoutCode "inpatient.type-of-bill-without-code" "The type of bill of an inpatient claim has no code."
    InpatientReceivedWithoutDate "inpatient.received-without-date" "The received date of an inpatient claim has no date."
    InpatientRecordNumberAsQuantity "inpatient.record-number-as-quantity" "The medical record number of an inpatient claim is a quantity."
    InpatientAttendingOrganization "inpatient.attending-organization" "The attending provider of an inpatient claim is an Organization."
    InpatientCareTeamWithoutRole "inpatient.care-team-without-role" "A member of the care team of an inpatient claim has no role."
    InpatientUnknownDiagnosisType "inpatient.unknown-diagnosis-type" "The type of a diagnosis of an inpatient claim is no code of its value set."
    InpatientProcedureWithoutType "inpatient.procedure-without-type" "A procedure of an inpatient claim has no type."
    InpatientLineWithoutRevenue "inpatient.line-without-revenue" "A line of an inpatient claim has no revenue code."
    InpatientAdjudicatedTwice "inpatient.adjudicated-twice" "An inpatient claim has amounts on the whole and on a line."
    InpatientNoPaymentStatus "inpatient.no-payment-status" "An inpatient claim has no benefit payment status."
    OutpatientUnknownSubType "outpatient.unknown-sub-type" "The subtype of an outpatient claim is no code of its value set."
    OutpatientRenderingPractitioner "outpatient.rendering-practitioner" "The rendering provider of an outpatient claim is a Practitioner."
    OutpatientUnknownRole "outpatient.unknown-role" "A role in the care team of an outpatient claim is no code of its value set."
    OutpatientLineOverPeriod "outpatient.line-over-period" "A line of an outpatient claim is served over a period."
    OutpatientNoDiagnosis "outpatient.no-diagnosis" "An outpatient claim has no diagnosis."
    OutpatientReasonWithoutCode "outpatient.reason-without-code" "An adjustment of an outpatient claim has no reason."
    OutpatientUnitsWithoutValue "outpatient.units-without-value" "The allowed units of an outpatient claim have no value."
    OralBodySiteUnlinked "oral.body-site-unlinked" "An additional body site of an oral claim is linked to no line."
    OralLinkedLineWithoutBodySite "oral.linked-line-without-body-site" "A line of an oral claim with an additional body site has no body site."
    OralOrthodonticsAsText "oral.orthodontics-as-text" "The orthodontics of an oral claim are a text."
    OralMissingToothWithoutCode "oral.missing-tooth-without-code" "The missing tooth of an oral claim has no code."
    OralFacilityWithoutReference "oral.facility-without-reference" "The service facility of an oral claim is not named."
    OralNoRenderingNetwork "oral.no-rendering-network" "An oral claim does not say whether the rendering provider is in the network."
    OralLineWithoutPaymentStatus "oral.line-without-payment-status" "A line of an oral claim has no benefit payment status."
    OralRenderingOrganization "oral.rendering-organization" "The rendering provider of an oral claim is an Organization."
    OralUnknownSurface "oral.unknown-surface" "The surface of a tooth in an oral claim is no code of its value set."
    PharmacyNoDaysSupply "pharmacy.no-days-supply" "A pharmacy claim has no days of supply."
    PharmacyNoDispenseCode "pharmacy.no-dispense-code" "A pharmacy claim does not say how it was dispensed."
    PharmacyUnknownDispenseCode "pharmacy.unknown-dispense-code" "How a pharmacy claim was dispensed is no code of its value set."
    PharmacyRefillsWithoutValue "pharmacy.refills-without-value" "The authorized refills of a pharmacy claim have no value."
    PharmacyTwoRefillNumbers "pharmacy.two-refill-numbers" "A pharmacy claim has two refill numbers."
    PharmacyCompoundUnknown "pharmacy.compound-unknown" "The compound code of a pharmacy claim is no code of its value set."
    PharmacyLineWithoutDate "pharmacy.line-without-date" "A line of a pharmacy claim has no date."
    PharmacyLineWithoutAdjudication "pharmacy.line-without-adjudication" "A line of a pharmacy claim is not adjudicated."
    PharmacyAmountMissing "pharmacy.amount-missing" "The drug cost of a pharmacy claim has no amount."
    PharmacyUnknownRole "pharmacy.unknown-role" "A role in the care team of a pharmacy claim is no code of its value set."
    ProfessionalTransportUnlinked "professional.transport-unlinked" "What an ambulance did is linked to no line of a professional claim."
    ProfessionalWeightInKilograms "professional.weight-in-kilograms" "The weight of the patient of a professional claim is in kilograms."
    ProfessionalDistanceWithoutValue "professional.distance-without-value" "The distance of an ambulance in a professional claim has no value."
    ProfessionalLineWithoutPlace "professional.line-without-place" "A line of a professional claim has no place of service."
    ProfessionalLineWithoutDate "professional.line-without-date" "A line of a professional claim has no date."
    ProfessionalLineWithoutProcedure "professional.line-without-procedure" "A line of a professional claim has no procedure, and is not about vision."
    ProfessionalReferringOrganization "professional.referring-organization" "The referring provider of a professional claim is an Organization."
    ProfessionalDiagnosisWithoutType "professional.diagnosis-without-type" "A diagnosis of a professional claim has no type."
    ProfessionalUnknownNetworkStatus "professional.unknown-network-status" "The network status of a professional claim is no code of its value set."
    ProfessionalNoAmounts "professional.no-amounts" "The lines of a professional claim have no amounts."
    ErrorNoOperationOutcome "error.no-operation-outcome" "Errors have an empty body."
    ErrorHtml "error.html" "Errors are an HTML page."
    ErrorNoIssue "error.no-issue" "An OperationOutcome has no issue."
    ErrorUnknownSeverity "error.unknown-severity" "The severity of an issue is no code of its value set."
    ErrorOnlyInformation "error.only-information" "The issue of a refusal is information only."
    ErrorUnknownCode "error.unknown-code" "The code of an issue is none of its value set."
    ErrorStackTrace "error.stack-trace" "Diagnostics are a stack trace."
    ErrorStatus200 "error.status-200" "A refusal is an OperationOutcome with the status 200."
    ErrorUnknownType500 "error.unknown-type-500" "A type that is not served is answered 500."
    ErrorLenientRefused "error.lenient-refused" "An unknown parameter is refused under lenient handling too."
    ErrorMalformedCountIgnored "error.malformed-count-ignored" "A _count that is no number is ignored."
    ErrorMalformedTokenIgnored "error.malformed-token-ignored" "A token with a part too many is ignored."
    ErrorMalformedReferenceIgnored "error.malformed-reference-ignored" "A malformed reference is ignored."
    ErrorUnknownPrefixIgnored "error.unknown-prefix-ignored" "A prefix that FHIR does not know is ignored."
    ErrorUnknownModifierIgnored "error.unknown-modifier-ignored" "A modifier that FHIR does not know is ignored."
    ErrorEmptyValue500 "error.empty-value-500" "A parameter without a value is answered 500."
    AuthTokenNotRequired "auth.token-not-required" "Whoever has no token sees everything."
    AuthOtherMemberVisible "auth.other-member-visible" "A token opens the resources of other members."
    OauthConfigurationNoCapabilities "oauth.configuration-no-capabilities" "The SMART configuration names no capabilities."
    OauthConfigurationPlain "oauth.configuration-plain" "The SMART configuration offers PKCE with the method plain."
    OauthUrisDisagree "oauth.uris-disagree" "The CapabilityStatement names another token endpoint than the SMART configuration."
    OauthRedirectUnregistered "oauth.redirect-unregistered" "The authorization endpoint takes any redirect_uri."
    OauthWrongAudienceAccepted "oauth.wrong-audience-accepted" "The authorization endpoint pays no attention to aud."
    OauthStateDropped "oauth.state-dropped" "The member is sent back without state."
    OauthPkceNotChecked "oauth.pkce-not-checked" "A code is redeemed whatever the code_verifier."
    OauthCodeReusable "oauth.code-reusable" "A code is redeemed again and again."
    OauthWrongClientAccepted "oauth.wrong-client-accepted" "A code is redeemed for any client."
    OauthWrongSecretAccepted "oauth.wrong-secret-accepted" "A client is believed whatever its secret."
    OauthWrongRedirectAccepted "oauth.wrong-redirect-accepted" "A code is redeemed whatever the redirect_uri."
    TokenNoStoreMissing "token.no-store-missing" "The token response may be kept by caches."
    TokenTypeMissing "token.type-missing" "The token response has no token_type."
    TokenNoExpiresIn "token.no-expires-in" "The token response has no expires_in."
    TokenNoScope "token.no-scope" "The token response has no scope."
    TokenNoPatient "token.no-patient" "The token response has no patient, though launch/patient was granted."
    TokenWrongNonce "token.wrong-nonce" "The id_token holds another nonce than the authorization request."
    TokenWrongAudience "token.wrong-audience" "The id_token is meant for another client."
    TokenIdTokenUnsigned "token.id-token-unsigned" "The id_token has no signature."
    TokenErrorAs200 "token.error-as-200" "Errors of the token endpoint are answered 200."
    TokenRefreshRefused "token.refresh-refused" "Every refresh token is refused."
    TokenRefreshNotRotated "token.refresh-not-rotated" "A refresh gives the same refresh token again."
    TokenRefreshReusable "token.refresh-reusable" "A refresh token that was replaced is good again."
    TokenExpiredAccepted "token.expired-accepted" "A token that has run out opens the record."
    TokenRevokedAccepted "token.revoked-accepted" "A token that was revoked opens the record."
    TokenUnknownActive "token.unknown-active" "Introspection says that an unknown token is active."
    TokenScopeIgnored "token.scope-ignored" "A token opens more than its scope."
    AuthNoChallenge "auth.no-challenge" "A refusal for want of a token has no WWW-Authenticate."
    FormatIgnored "format.ignored" "_format changes nothing."
    FormatShortNamesUnknown "format.short-names-unknown" "_format takes no short names, such as xml."
    FormatTextXmlUnknown "format.text-xml-unknown" "_format takes all that R4 names but text/xml."
    FormatPlusUnknown "format.plus-unknown" "_format takes no media type with a plus sign."
    FormatUnknownAsJson "format.unknown-as-json" "An unknown _format is answered in JSON."
    AcceptUnknownAsJson "accept.unknown-as-json" "An Accept header that takes no format of FHIR is answered in JSON."
    AcceptWeightsIgnored "accept.weights-ignored" "The first media range of an Accept header wins, whatever its weight."
    AcceptAnyRefused "accept.any-refused" "Accept: */* is answered 406."
    AcceptPlainJsonRefused "accept.plain-json-refused" "Accept: application/json is answered 406."
    AcceptPlainXmlAsJson "accept.plain-xml-as-json" "Accept: application/xml is answered in JSON."
    PrettyRefused "pretty.refused" "_pretty is answered 400."
    PrettyLosesIdentifiers "pretty.loses-identifiers" "An indented resource has no identifiers."
    XmlRefused "xml.refused" "XML is declared, and answered 406."
    XmlAsJson "xml.as-json" "Who asks for XML gets JSON."
    XmlLabelledJson "xml.labelled-json" "XML is labelled application/fhir+json."
    XmlDropsExtensions "xml.drops-extensions" "XML lacks the extensions."
    XmlDropsProfiles "xml.drops-profiles" "XML lacks meta.profile."
    XmlRoundsAmounts "xml.rounds-amounts" "Amounts of money are rounded in XML."
    XmlDropsLastEntry "xml.drops-last-entry" "A Bundle in XML lacks its last entry."
    XmlNoNamespace "xml.no-namespace" "XML is in no namespace."
    XmlUnescaped "xml.unescaped" "Ampersands are not escaped in XML."
    XmlIdLast "xml.id-last" "The id is the last element in XML."
    XmlErrorsInJson "xml.errors-in-json" "Refusals are in JSON, whatever format is asked for."
    HeadNotFound "head.not-found" "HEAD is answered 404."
    HeadWrongLength "head.wrong-length" "HEAD tells a length that is one byte too long."
    HeadOtherEtag "head.other-etag" "HEAD tells another ETag than GET."
    HeadHtml "head.html" "HEAD tells the media type text/html."
    ConditionalAnyTag "conditional.any-tag" "Any If-None-Match is answered 304."
    ConditionalIgnoresSince "conditional.ignores-since" "If-Modified-Since changes nothing."
    ConditionalAnyDate "conditional.any-date" "Any If-Modified-Since is answered 304."
    LastModifiedAbsent "last-modified.absent" "A read carries no Last-Modified."
    LastModifiedLate "last-modified.late" "Last-Modified is an hour late."
    LastModifiedIso "last-modified.iso" "Last-Modified is written as a FHIR instant."
    GzipIdentityLosesIdentifiers "gzip.identity-loses-identifiers" "A resource that is not compressed lacks its identifiers."
    GzipUnasked "gzip.unasked" "Answers are compressed for those who take no compression."
    CachePublic "cache.public" "Member data is marked as public."
    CacheNone "cache.none" "Member data has no Cache-Control."
    CacheMaxAgeOnly "cache.max-age-only" "The Cache-Control of member data says only how long it may be kept."
    CacheNoVary "cache.no-vary" "Answers do not say what they vary with."
    CorsNone "cors.none" "Answers name no origin that may read them."
    CorsNotOnRefusals "cors.not-on-refusals" "Refusals name no origin that may read them."
    CorsForeignOrigin "cors.foreign-origin" "Answers may be read by one origin only, which did not ask."
    CorsWildcardCredentials "cors.wildcard-credentials" "Answers allow credentials to every origin."
    CorsPreflight401 "cors.preflight-401" "A browser that asks what an app may send is asked for a token."
    CorsPreflightNoAuthorization "cors.preflight-no-authorization" "A browser is told that an app may not send its token."
    HttpBadDate "http.bad-date" "The Date header is no HTTP date."
    HttpServerVersion "http.server-version" "The Server header tells software, version and system."
    HttpLongUrl500 "http.long-url-500" "A long URL is answered 500."
    HttpAnyMethod "http.any-method" "/metadata answers any method with the CapabilityStatement."
    HttpNoAllow "http.no-allow" "A refusal of a method does not say which ones are taken."
    HttpWrongBodyType500 "http.wrong-body-type-500" "A search by POST with a body of another type is answered 500."
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
