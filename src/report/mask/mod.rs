//! Takes member data out of what reports show, by what it is: the type and path of the element that a value is of, or that a search
//! parameter reads, and the grammar of URLs.
//!
//! Checks mark what they quote ([`Said`]); nothing is guessed from the form of a text and nothing is learned from resources. Names,
//! identifiers, addresses, contact points, free text, and dates of birth and death become `***`, of other dates the year stays, and a logical
//! id becomes a pseudonym. Codes, amounts, counts, and the structure stay. What is not known to be harmless is masked.

mod body;
mod place;
mod treatment;
mod value;

use std::sync::Arc;

use ring::hmac;
use url::Url;

use crate::check::exchange::Request;
use crate::check::said::{Part, Quoted, Said};
use crate::guide::Catalogue;
use crate::run::event::RunFacts;

pub use body::Bodies;
pub use value::Piece;
use value::{MASK, Shown};

/// Bytes of a pseudonym: short enough to be read, long enough for the ids of one member's record.
const PSEUDONYM_BYTES: usize = 5;

/// Headers of requests that hold nothing of a member.
const OPEN_HEADERS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "accept-charset",
    "content-type",
    "prefer",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "origin",
    "access-control-request-method",
    "access-control-request-headers",
];

/// What a run's reports may show. Without a run it shows nothing that is quoted.
#[derive(Clone, Debug, Default)]
pub struct Mask(Option<Of>);

#[derive(Clone, Debug)]
struct Of {
    show: bool,
    base: String,
    catalogue: Arc<Catalogue>,
    key: hmac::Key,
}

impl Mask {
    /// For a run. Pseudonyms are the same in every run against a server, so that reports can be compared, and differ between servers; with
    /// a pseudonym key they cannot be tried out by who does not have it.
    pub fn new(facts: &RunFacts, catalogue: &Arc<Catalogue>) -> Self {
        Self::over(&facts.target, catalogue, facts.show_member_data, &facts.pseudonym_key)
    }

    /// For what lies at a FHIR base; for files the base is empty.
    pub fn over(base: &str, catalogue: &Arc<Catalogue>, show: bool, pseudonym_key: &str) -> Self {
        let origin = Url::parse(base).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let key = hmac::Key::new(hmac::HMAC_SHA256, format!("{pseudonym_key}\n{origin}").as_bytes());
        Self(Some(Of { show, base: base.to_owned(), catalogue: Arc::clone(catalogue), key }))
    }

    /// Whether member data is shown.
    pub fn shows(&self) -> bool {
        self.0.as_ref().is_some_and(|of| of.show)
    }

    /// What becomes of member data, in one word.
    pub fn word(&self) -> &'static str {
        if self.shows() { "shown" } else { "masked" }
    }

    /// Words with their quotations.
    pub fn said(&self, said: &Said) -> String {
        let part = |part: Part<'_>| match part {
            Part::Words(words) => words.to_owned(),
            Part::Quote(text, quoted) => self.plain(&self.cut(text, quoted)),
        };
        if self.shows() { said.to_string() } else { said.parts().into_iter().map(part).collect() }
    }

    /// A URL or a reference.
    pub fn url(&self, url: &str) -> String {
        if self.shows() { url.to_owned() } else { self.plain(&self.cut(url, &Quoted::Url)) }
    }

    /// A logical id.
    pub fn id(&self, id: &str) -> String {
        self.plain(&self.cut(id, &Quoted::Id))
    }

    /// A URL in its parts.
    pub fn cut_url(&self, url: &str) -> Vec<Piece> {
        self.cut(url, &Quoted::Url)
    }

    /// The value of a parameter of a form in its parts.
    pub fn cut_parameter(&self, request: &Request, name: &str, value: &str) -> Vec<Piece> {
        let resource_type = request.path.split('/').next().unwrap_or_default().to_owned();
        self.cut(value, &Quoted::Parameter { resource_type, name: name.to_owned() })
    }

    /// The value of a request's header in its parts. The criteria of a conditional create are a query.
    pub fn cut_header(&self, request: &Request, name: &str, value: &str) -> Vec<Piece> {
        let name = name.to_ascii_lowercase();
        if name == "if-none-exist" {
            let resource_type = request.path.split(['/', '?']).next().unwrap_or_default();
            let mut pieces = self.cut(&format!("{resource_type}?{value}"), &Quoted::Url);
            // Type and question mark are not in the header.
            let shown = pieces.iter().position(|piece| *piece == Piece::Shown("?".to_owned())).map_or(0, |place| place + 1);
            return pieces.split_off(shown);
        }
        if OPEN_HEADERS.contains(&name.as_str()) || value == MASK || self.shows() {
            return vec![Piece::Shown(value.to_owned())];
        }
        vec![Piece::Hidden { text: value.to_owned(), shown: Shown::Nothing, name }]
    }

    /// What a reader sees of parts.
    pub fn plain(&self, pieces: &[Piece]) -> String {
        plain(pieces, &|id| self.pseudonym(id))
    }

    /// The name of the shell variable that stands for a hidden part: an id's is its pseudonym, so that it is the same in every line.
    pub fn variable(&self, piece: &Piece) -> String {
        match piece {
            Piece::Hidden { text, shown: Shown::Pseudonym, .. } => format!("id_{}", self.pseudonym(text)),
            Piece::Hidden { name, .. } => {
                let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
                format!("of_{}", name.trim_matches('_'))
            }
            Piece::Shown(_) => String::new(),
        }
    }

    fn cut(&self, text: &str, quoted: &Quoted) -> Vec<Piece> {
        let hidden = |shown: Shown, name: &str| vec![Piece::Hidden { text: text.to_owned(), shown, name: name.to_owned() }];
        let Some(of) = &self.0 else { return hidden(Shown::Nothing, "text") };
        if of.show {
            return vec![Piece::Shown(text.to_owned())];
        }
        match quoted {
            Quoted::Id => hidden(Shown::Pseudonym, "id"),
            Quoted::Url => place::cut_url(&of.catalogue, &of.base, text),
            Quoted::Parameter { resource_type, name } => place::cut_parameter(&of.catalogue, resource_type, name, text),
            Quoted::Element(location) => match treatment::of_element(&of.catalogue, location) {
                treatment::Treatment::Reference => place::cut_url(&of.catalogue, &of.base, text),
                treatment => value::cut(&treatment, "value", text),
            },
            Quoted::Foreign => hidden(Shown::Nothing, "text"),
        }
    }

    /// What stands for an id. A percent-encoded id and the plain one have the same.
    pub fn pseudonym(&self, id: &str) -> String {
        self.0.as_ref().map_or_else(|| "0".repeat(2 * PSEUDONYM_BYTES), |of| of.pseudonym(id))
    }
}

impl Of {
    fn pseudonym(&self, id: &str) -> String {
        let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
        let tag = hmac::sign(&self.key, id.as_bytes());
        tag.as_ref().iter().take(PSEUDONYM_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn plain(pieces: &[Piece], pseudonym: &dyn Fn(&str) -> String) -> String {
    let piece = |piece: &Piece| match piece {
        Piece::Shown(text) => text.clone(),
        Piece::Hidden { text, shown: Shown::Pseudonym, .. } => format!("~{}", pseudonym(text)),
        Piece::Hidden { text, shown: Shown::Year, .. } => value::year(text),
        Piece::Hidden { .. } => MASK.to_owned(),
    };
    pieces.iter().map(piece).collect()
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::check::said::{element, foreign, key, parameter, said, url};
    use crate::guide::{GuideId, Sources};

    fn mask(show_member_data: bool, target: &str, pseudonym_key: &str) -> Mask {
        let facts =
            RunFacts { target: target.to_owned(), show_member_data, pseudonym_key: pseudonym_key.to_owned(), ..RunFacts::default() };
        let guide: GuideId = "hl7.fhir.us.carin-bb#2.0.0".parse().unwrap();
        Mask::new(&facts, &Arc::new(Catalogue::load(&[guide], &Sources::default()).unwrap()))
    }

    /// A mask that shows everything.
    pub fn showing() -> Mask {
        mask(true, "https://a.example/fhir", "")
    }

    /// A mask that hides what it should.
    pub fn hiding() -> Mask {
        mask(false, "https://a.example/fhir", "")
    }

    #[test]
    fn what_names_a_member_is_masked_and_the_rest_stays() {
        let mask = hiding();
        let jane = format!("~{}", mask.pseudonym("jane-1"));
        for (plain, shown) in [
            ("https://a.example/fhir/Patient/jane-1", "https://a.example/fhir/Patient/JANE"),
            ("Patient/jane-1/_history/2", "Patient/JANE/_history/2"),
            ("Patient/jane-1/$everything?_count=5", "Patient/JANE/$everything?_count=5"),
            ("Coverage?beneficiary=Patient%2Fjane-1", "Coverage?beneficiary=Patient%2FJANE"),
            (
                "https://a.example/fhir/ExplanationOfBenefit?patient=jane-1&type=oral",
                "https://a.example/fhir/ExplanationOfBenefit?patient=JANE&type=oral",
            ),
            ("Patient?family=Roe,Doe&given:exact=Jane&gender=female", "Patient?family=***&given:exact=***&gender=female"),
            ("Patient?identifier=http://mrn%7C123,456", "Patient?identifier=http://mrn%7C***,***"),
            ("Patient?birthdate=ge1970-04-05", "Patient?birthdate=***"),
            ("ExplanationOfBenefit?service-date=ge2020-01-02,2021", "ExplanationOfBenefit?service-date=ge2020-**-**,2021"),
            ("Patient?_mine=jane-1&_id=jane-1&x", "Patient?_mine=***&_id=JANE&***"),
            ("https://a.example/fhir?_getpages=0af3", "https://a.example/fhir?_getpages=***"),
            ("https://a.example/fhir/page/smith", "https://a.example/fhir/***/***"),
            ("https://login.example/oauth2/authorize", "https://login.example/oauth2/authorize"),
            ("https://other.example/t1/fhir/Patient/jane-1", "https://other.example/t1/fhir/Patient/JANE"),
            ("https://other.example/page/a81b", "https://other.example/page/***"),
            ("urn:uuid:jane-1", "urn:uuid:JANE"),
            ("metadata", "metadata"),
            ("Patient?access_token=***", "Patient?access_token=***"),
        ] {
            assert_eq!(mask.url(plain), shown.replace("JANE", &jane));
            assert_eq!(showing().url(plain), plain);
        }
        let said = said!(
            "{} of {} is {} or {}, by {}: {}",
            parameter("Patient", "name", "Roe"),
            key("Patient/jane-1"),
            element("Patient.name[0].family", "\"Roe\""),
            element("Patient.gender", "\"femal\""),
            url("https://a.example/fhir/Patient?name=Roe"),
            foreign("Jane Roe is not here"),
        );
        let shown = format!("name=*** of Patient/{jane} is *** or \"femal\", by https://a.example/fhir/Patient?name=***: ***");
        assert_eq!(mask.said(&said), shown);
        assert_eq!(showing().said(&said), &*said);
        assert_eq!(mask.said(&element("ExplanationOfBenefit.created", "\"2019-02-30\"")), "\"2019-**-**\"");
        assert_eq!(mask.said(&element("ExplanationOfBenefit.patient.reference", "Patient/jane-1")), "***");
    }

    #[test]
    fn a_pseudonym_is_the_same_in_every_run_and_another_for_another_server_or_key() {
        let one = hiding().pseudonym("jane-1");
        assert_eq!(one, mask(false, "https://a.example/other", "").pseudonym("jane-1"));
        assert_eq!(one, hiding().pseudonym("jane%2D1"));
        for other in [
            hiding().pseudonym("jane-2"),
            mask(false, "https://b.example/fhir", "").pseudonym("jane-1"),
            mask(false, "https://a.example/fhir", "k").pseudonym("jane-1"),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn headers_are_masked_by_name_and_a_condition_as_a_query() {
        let mask = hiding();
        let mut request = Request::get("Patient");
        request.headers.clear();
        let shown = |name: &str, value: &str| mask.plain(&mask.cut_header(&request, name, value));
        assert_eq!(shown("Accept", "application/fhir+json"), "application/fhir+json");
        assert_eq!(shown("If-None-Exist", "identifier=http://mrn|123&gender=male"), "identifier=http://mrn|***&gender=male");
        assert_eq!(shown("X-Member", "jane-1"), "***");
    }

    #[test]
    fn without_a_run_nothing_quoted_is_shown() {
        assert_eq!(Mask::default().said(&said!("{} is not there", key("Patient/1"))), "*** is not there");
    }
}
