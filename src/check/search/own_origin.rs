//! `search.own-origin`

use url::Url;

use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::{Check, Subject};

/// Links that lead a client on.
const RELATIONS: [&str; 5] = ["first", "previous", "prev", "next", "last"];

/// The check.
pub const CHECK: Check = Check {
    id: "search.own-origin",
    summary: "links to other pages lead to the server that was asked",
    why: "R4 http.html#paging: a client goes on by the server's own links; it must not carry its token to another origin, so that a link there loses the rest of the result.",
    accepts: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://example.org/fhir?page=2"}]}}]}"#,
    rejects: r#"{"steps": [{"request": "GET Patient", "status": 200, "body": {"resourceType": "Bundle", "link": [{"relation": "next", "url": "http://10.0.0.7:8080/fhir?page=2"}]}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let Ok(base) = Url::parse(subject.base) else { return Evidence::nothing("the FHIR base is no URL") };
    let mut evidence = Evidence { note: Some("no page has a link to another one".into()), ..Evidence::default() };
    for (index, page) in subject.pages().iter().enumerate() {
        for (relation, link) in RELATIONS.iter().filter_map(|relation| Some((relation, page.link(relation)?))) {
            evidence.examined += 1;
            let same = base.join(link).is_ok_and(|url| url.origin() == base.origin());
            if !same {
                let at = said!("Bundle.link.where(relation = '{}') on page {}", code(relation), index + 1);
                evidence.deviation(at, said!("a URL of {}", code(base.origin().ascii_serialization())), url(link));
            }
        }
    }
    evidence
}
