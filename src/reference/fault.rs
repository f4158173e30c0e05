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
