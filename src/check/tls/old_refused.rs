//! `tls.old-refused`

use super::{UNTRIED, origins};
use crate::check::outcome::Evidence;
use crate::check::said::{code, said, url};
use crate::check::transport::Hello;
use crate::check::{Check, Subject};

/// The check.
pub const CHECK: Check = Check {
    id: "tls.old-refused",
    summary: "no origin speaks a version of TLS before 1.2",
    why: "NIST SP 800-52 revision 2 section 3.1, which CARIN Blue Button names: servers use TLS 1.2 or 1.3; RFC 8996: TLS 1.0 and 1.1 MUST NOT be used.",
    accepts: r#"{"transport": [{"origin": "https://a.example", "old": {"TLS 1.0": "refused", "TLS 1.1": "refused"}}]}"#,
    rejects: r#"{"transport": [{"origin": "https://a.example", "old": {"TLS 1.0": "refused", "TLS 1.1": "accepted"}}]}"#,
    run,
};

fn run(subject: &Subject<'_>) -> Evidence {
    let mut evidence = Evidence { note: Some(UNTRIED.into()), ..Evidence::default() };
    for origin in origins(subject) {
        for (version, hello) in &origin.old {
            match hello {
                Hello::Refused => evidence.examined += 1,
                Hello::Accepted => {
                    evidence.examined += 1;
                    evidence.deviation(url(&origin.origin), said!("{} refused", code(version)), "it is spoken");
                }
                Hello::Unclear(reason) => evidence.note = Some(said!("{}: {}", code(version), code(reason))),
            }
        }
    }
    evidence
}
