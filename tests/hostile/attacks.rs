//! The attacks, one entry each: what the server answers, and what a run must come to.

use super::lures::LURES;
use super::material::{at, bomb, gzipped, json_bytes, laughs, many_types, sound, xml};
use super::server::{Act, Answer, PATIENT, response};
use super::sign_in::SIGN_IN;

/// An attack, and how a run against it ends.
pub struct Attack {
    pub name: &'static str,
    pub answer: Answer,
    /// The exit code; -1 where it depends on which answer is taken for which question.
    pub exit: i32,
    /// A case with the outcome that it must have, or nothing where no case can be run.
    pub case: Option<(&'static str, &'static str)>,
    /// What the reports or the terminal must say.
    pub says: &'static str,
}

/// Text that would act where it is not inert: HTML, a terminal, a spreadsheet, Markdown, XML, and a line of its own.
pub const LIVE: &str = "=HYPERLINK(\"http://evil.example\")<script>alert(1)</script><img src=x onerror=alert(2)>\u{1b}]0;owned\u{7}\u{1b}[2J]]>&amp;[x](javascript:alert(3))`|\u{202e}\u{0}\r\nFAIL forged";

pub const READ: &str = "r4.Patient.read";

macro_rules! attack {
    ($name:literal, $answer:expr, $exit:expr, $case:expr, $says:literal) => {
        Attack { name: $name, answer: $answer, exit: $exit, case: $case, says: $says }
    };
}
pub(crate) use attack;

/// What is too much, does not end, or is not what it says.
const ATTACKS: &[Attack] = &[
    // What does not end.
    attack!("sound", |_, seen| sound(seen), 0, Some((READ, "pass")), "CONFORMANT"),
    attack!(
        "slow-loris-headers",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(b"HTTP/1.1 200 OK\r\nx-a: ".to_vec()), Act::Drip(b"a")]),
        0,
        Some((READ, "inconclusive")),
        "no complete response"
    ),
    attack!(
        "slow-loris-body",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n".to_vec()),
            Act::Drip(b" ")
        ]),
        0,
        Some((READ, "inconclusive")),
        "no complete response"
    ),
    attack!("silent-metadata", |_, _| vec![Act::Stall], 3, None, "no complete response"),
    attack!(
        "silent-for-ever",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Stall]),
        0,
        Some((READ, "inconclusive")),
        "no complete response"
    ),
    attack!(
        "endless-body",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\n\r\n{\"a\":\"".to_vec()),
            Act::Flood(vec![b'a'; 65536])
        ]),
        0,
        Some((READ, "inconclusive")),
        "larger than"
    ),
    attack!(
        "endless-chunks",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec()),
            Act::Flood([b"10000\r\n".as_slice(), &[b'1'; 0x10000], b"\r\n"].concat())
        ]),
        0,
        Some((READ, "inconclusive")),
        "larger than"
    ),
    attack!(
        "endless-trailers",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n".to_vec()),
            Act::Flood(b"x-trailer: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".to_vec())
        ]),
        0,
        None,
        ""
    ),
    attack!(
        "endless-headers",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
            Act::Flood(b"x-flood: aaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n".to_vec())
        ]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "endless-header-line",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec()), Act::Flood(vec![b'a'; 65536])]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "endless-status-line",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(b"HTTP/1.1 200 ".to_vec()), Act::Flood(vec![b'O'; 65536])]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "informational-flood",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Flood(b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n".to_vec())]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "cookie-flood",
        |_, seen| at(seen, "Patient/p1", || {
            let cookies: Vec<(&str, &str)> = vec![("set-cookie", "a=bbbbbbbbbbbbbbbbbbbbbbbbbbbb"); 5000];
            vec![Act::Send(response("200 OK", &cookies, PATIENT.as_bytes()))]
        }),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    // Lies about length, coding and form.
    attack!(
        "length-too-long",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\ncontent-length: 5000\r\n\r\n{PATIENT}").into_bytes()
            ),
            Act::Close
        ]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "length-too-short",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\ncontent-length: 10\r\n\r\n{PATIENT}").into_bytes()
        )]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "length-of-exabytes",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n{}".to_vec()),
            Act::Stall
        ]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "two-lengths",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}".to_vec()),
            Act::Stall
        ]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "chunk-cut-off",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n{\"resourceType\"".to_vec()),
            Act::Close
        ]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "chunk-of-exabytes",
        |_, seen| at(seen, "Patient/p1", || vec![
            Act::Send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}".to_vec()),
            Act::Stall
        ]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!("gzip-bomb", |_, seen| at(seen, "Patient/p1", || gzipped(&bomb(1))), 0, Some((READ, "inconclusive")), "larger than"),
    attack!("gzip-in-gzip", |_, seen| at(seen, "Patient/p1", || gzipped(&bomb(2))), 0, Some((READ, "inconclusive")), ""),
    attack!("gzip-of-nothing", |_, seen| at(seen, "Patient/p1", || gzipped(b"no gzip at all")), 0, Some((READ, "inconclusive")), "gzip"),
    attack!(
        "unknown-coding",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response(
            "200 OK",
            &[("content-encoding", "bomb"), ("content-type", "application/fhir+json")],
            b"\x00\xff{}"
        ))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "not-utf-8",
        |_, seen| at(seen, "Patient/p1", || json_bytes(b"{\"resourceType\":\"Patient\",\"id\":\"p1\",\"language\":\"\xff\xfe\xc0\x80\"}")),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "http-0.9",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(PATIENT.as_bytes().to_vec()), Act::Close]),
        0,
        Some((READ, "inconclusive")),
        "broke off"
    ),
    attack!(
        "body-after-head",
        |_, seen| if seen.method == "HEAD" { json_bytes(PATIENT.as_bytes()) } else { sound(seen) },
        1,
        Some((READ, "pass")),
        ""
    ),
    attack!(
        "two-answers",
        |_, seen| at(seen, "Patient/p1", || [json_bytes(PATIENT.as_bytes()), json_bytes(PATIENT.replace("p1", "p2").as_bytes())].concat()),
        -1,
        None,
        ""
    ),
    // Deep, large and odd JSON and XML.
    attack!(
        "deep-json",
        |_, seen| at(seen, "Patient/p1", || json_bytes(format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000)).as_bytes())),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "deep-list",
        |_, seen| at(seen, "Patient/p1", || json_bytes(format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000)).as_bytes())),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "many-values",
        |_, seen| at(seen, "Patient/p1", || json_bytes(
            format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"a\":[{}0]}}", "0,".repeat(7_000_000)).as_bytes()
        )),
        0,
        Some((READ, "inconclusive")),
        "more than 350000 values"
    ),
    attack!(
        "as-many-values-as-may-be",
        |_, seen| if seen.path.contains("metadata") {
            sound(seen)
        } else {
            json_bytes(format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"a\":[{}0]}}", "0,".repeat(349_000)).as_bytes())
        },
        -1,
        None,
        "PASS"
    ),
    attack!(
        "as-many-bytes-as-may-be",
        |_, seen| if seen.path.contains("metadata") {
            sound(seen)
        } else {
            json_bytes(format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"language\":\"{}\"}}", "a".repeat(20_900_000)).as_bytes())
        },
        -1,
        None,
        ""
    ),
    attack!(
        "duplicate-keys",
        |_, seen| at(seen, "Patient/p1", || json_bytes(
            b"{\"resourceType\":\"Patient\",\"id\":\"p2\",\"id\":\"p1\",\"active\":true,\"active\":false}"
        )),
        0,
        Some((READ, "pass")),
        ""
    ),
    attack!(
        "huge-numbers",
        |_, seen| at(seen, "Patient/p1", || {
            json_bytes(format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"multipleBirthInteger\":1e999999999,\"extension\":[{{\"url\":\"u\",\"valueDecimal\":{}}}]}}", "9".repeat(100_000)).as_bytes())
        }),
        0,
        Some((READ, "pass")),
        ""
    ),
    attack!(
        "nul-characters",
        |_, seen| at(seen, "Patient/p1", || json_bytes(
            b"{\"resourceType\":\"Patient\",\"id\":\"p1\",\"language\":\"a\\u0000\\u001b[2J\\ud800\"}"
        )),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "xml-entities",
        |_, seen| at(seen, "Patient/p1", || {
            xml(b"<?xml version=\"1.0\"?><!DOCTYPE Patient [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p1\"/><language value=\"&e;\"/></Patient>")
        }),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!("xml-billion-laughs", |_, seen| at(seen, "Patient/p1", || xml(laughs().as_bytes())), 0, Some((READ, "inconclusive")), ""),
    attack!(
        "xml-attributes-without-number",
        |_, seen| at(seen, "Patient/p1", || {
            let attributes: String = (0..500_000).map(|number| format!(" xmlns:a{number}=\"urn:x\"")).collect();
            xml(format!("<Patient xmlns=\"http://hl7.org/fhir\"{attributes}/>").as_bytes())
        }),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "deep-xml",
        |_, seen| at(seen, "Patient/p1", || xml(format!(
            "<Patient xmlns=\"http://hl7.org/fhir\">{}{}</Patient>",
            "<contained>".repeat(50_000),
            "</contained>".repeat(50_000)
        )
        .as_bytes())),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "statement-of-100-mb",
        |_, seen| at(seen, "metadata", || vec![
            Act::Send(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\n\r\n{\"resourceType\":\"CapabilityStatement\",\"x\":\""
                    .to_vec()
            ),
            Act::Send(vec![b'a'; 100 * 1024 * 1024]),
            Act::Close
        ]),
        3,
        None,
        "larger than"
    ),
    attack!(
        "statement-of-many-types",
        |_, seen| at(seen, "metadata", || json_bytes(many_types().to_string().as_bytes())),
        0,
        Some((READ, "pass")),
        ""
    ),
];

/// All of them, with those that lead elsewhere or act.
pub fn all() -> impl Iterator<Item = &'static Attack> {
    ATTACKS.iter().chain(LURES)
}

/// The attack of a name.
pub fn find(name: &str) -> Option<Answer> {
    all().chain(SIGN_IN).find(|attack| attack.name == name).map(|attack| attack.answer)
}
