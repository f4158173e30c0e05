//! The attacks, one entry each: what the server answers, and what a run must come to.

use std::io::Write as _;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::server::{Act, Answer, PATIENT, Seen, response};

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

const READ: &str = "r4.Patient.read";

macro_rules! attack {
    ($name:literal, $answer:expr, $exit:expr, $case:expr, $says:literal) => {
        Attack { name: $name, answer: $answer, exit: $exit, case: $case, says: $says }
    };
}

/// All of them.
pub const ATTACKS: &[Attack] = &[
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
        "more than 400000 values"
    ),
    attack!(
        "as-many-values-as-may-be",
        |_, seen| if seen.path.contains("metadata") {
            sound(seen)
        } else {
            json_bytes(format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"a\":[{}0]}}", "0,".repeat(399_000)).as_bytes())
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
            json_bytes(format!("{{\"resourceType\":\"Patient\",\"id\":\"p1\",\"language\":\"{}\"}}", "a".repeat(25_000_000)).as_bytes())
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
                format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/fhir+json\r\n\r\n{{\"resourceType\":\"CapabilityStatement\",\"x\":\""
                )
                .into_bytes()
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
    // Leading the run elsewhere.
    attack!(
        "redirect-loop",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("{}/redirect-loop/fhir/Patient/p1", places.own))),
        0,
        Some((READ, "inconclusive")),
        "in a circle"
    ),
    attack!(
        "redirect-without-end",
        |places, seen| if seen.path.contains("Patient/p1") {
            redirect(&format!("{}/redirect-without-end/fhir/Patient/p1?{}", places.own, seen.before))
        } else {
            sound(seen)
        },
        0,
        Some((READ, "inconclusive")),
        "in a row"
    ),
    attack!(
        "redirect-to-private-network",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("{}/steal", places.foreign))),
        0,
        Some((READ, "inconclusive")),
        "--allow-origin"
    ),
    attack!(
        "redirect-to-metadata-service",
        |_, seen| at(seen, "Patient/p1", || redirect("http://169.254.169.254/latest/meta-data/")),
        0,
        Some((READ, "inconclusive")),
        "--allow-origin"
    ),
    attack!(
        "redirect-to-file",
        |_, seen| at(seen, "Patient/p1", || redirect("file:///etc/passwd")),
        0,
        Some((READ, "inconclusive")),
        "neither http nor https"
    ),
    attack!(
        "redirect-with-credentials",
        |places, seen| at(seen, "Patient/p1", || redirect(&format!("http://user:pass@{}/x", places.foreign.trim_start_matches("http://")))),
        0,
        Some((READ, "inconclusive")),
        "credentials"
    ),
    attack!(
        "redirect-of-metadata",
        |places, seen| at(seen, "metadata", || redirect(&format!("{}/metadata", places.foreign))),
        3,
        None,
        "--allow-origin"
    ),
    attack!(
        "foreign-next",
        |places, seen| search(seen, |bundle| bundle["link"] = json!([{"relation": "next", "url": format!("{}/next", places.foreign)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "next-to-file",
        |_, seen| search(seen, |bundle| bundle["link"] = json!([{"relation": "next", "url": "file:///etc/passwd"}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "next-without-end",
        |places, seen| search(seen, |bundle| bundle["link"] =
            json!([{"relation": "next", "url": format!("{}/next-without-end/fhir/Coverage?page={}", places.own, seen.before)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "inconclusive")),
        ""
    ),
    attack!(
        "next-in-a-circle",
        |places, seen| search(seen, |bundle| bundle["link"] =
            json!([{"relation": "next", "url": format!("{}/next-in-a-circle/fhir/Coverage?page=1", places.own)}])),
        1,
        Some(("r4.Coverage.search-type.paging", "fail")),
        ""
    ),
    attack!(
        "javascript-links",
        |_, seen| search(seen, |bundle| {
            bundle["link"] =
                json!([{"relation": "next", "url": "javascript:alert(1)"}, {"relation": "self", "url": "javascript:alert(2)"}]);
            bundle["entry"][0]["fullUrl"] = json!("javascript:alert(3)");
        }),
        1,
        Some(("r4.Coverage.search-type.full-url", "fail")),
        ""
    ),
    attack!(
        "references-to-private-network",
        |places, seen| search(seen, |bundle| bundle["entry"][0]["resource"]["payor"] =
            json!([{"reference": format!("{}/Organization/1", places.foreign)}, {"reference": "http://169.254.169.254/Organization/1"}])),
        0,
        Some((READ, "pass")),
        ""
    ),
    // Waiting, for ever.
    attack!(
        "retry-after-for-ever",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response("429 Too Many Requests", &[("retry-after", "1000000000")], b""))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "too-many-requests-for-ever",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response("429 Too Many Requests", &[("retry-after", "0")], b""))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "unavailable-for-ever",
        |_, _| vec![Act::Send(response("503 Service Unavailable", &[("retry-after", "99999999999999999999")], b""))],
        1,
        None,
        ""
    ),
    // Text that acts, in every string.
    attack!("live-text-in-statement", |_, seen| at(seen, "metadata", || json_bytes(live_statement().to_string().as_bytes())), 3, None, ""),
    attack!(
        "live-text-in-outcome",
        |_, seen| at(seen, "Patient/p1", || {
            vec![Act::Send(response("500 Internal Server Error", &[("content-type", "application/fhir+json")], json!({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": LIVE, "diagnostics": LIVE, "details": {"text": LIVE}}]}).to_string().as_bytes()))]
        }),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "live-text-in-headers",
        |_, seen| at(seen, "Patient/p1", || vec![Act::Send(response(
            "200 <script>alert(1)</script>",
            &[
                ("content-type", "text/<script>alert(1)</script>\u{1b}[2J"),
                ("etag", "<img src=x onerror=alert(2)>"),
                ("location", "javascript:alert(3)"),
                ("server", "=cmd|' /C calc'!A1 <script>1.0</script>")
            ],
            b"<script>alert(1)</script>"
        ))]),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "live-text-in-resource",
        |_, seen| search(seen, |bundle| {
            bundle["entry"][0]["resource"] = json!({"resourceType": "Coverage", "id": LIVE, "status": LIVE, LIVE: LIVE, "type": {"coding": [{"system": LIVE, "code": LIVE, "display": LIVE}]}, "text": {"status": "generated", "div": LIVE}});
            bundle["entry"][0]["search"] = json!({"mode": LIVE});
            bundle["type"] = json!(LIVE);
            bundle["link"] = json!([{"relation": LIVE, "url": LIVE}]);
        }),
        1,
        Some(("r4.Coverage.search-type.searchset", "fail")),
        ""
    ),
    attack!(
        "live-text-in-type",
        |_, seen| at(seen, "Patient/p1", || json_bytes(json!({"resourceType": LIVE, "id": LIVE}).to_string().as_bytes())),
        0,
        Some((READ, "inconclusive")),
        ""
    ),
    attack!(
        "ids-that-climb",
        |_, seen| search(seen, |bundle| {
            bundle["entry"][0]["resource"]["id"] = json!("../../../../tmp/owned");
            bundle["entry"][0]["fullUrl"] = json!("http://x/../../Coverage/..%2f..%2fowned");
        }),
        1,
        Some(("r4.Coverage.conforms", "fail")),
        ""
    ),
];

/// The attack of a name.
pub fn find(name: &str) -> Option<Answer> {
    ATTACKS.iter().find(|attack| attack.name == name).map(|attack| attack.answer)
}

/// A small server that does nothing wrong.
fn sound(seen: &Seen) -> Vec<Act> {
    let path = seen.path.trim_start_matches("fhir").trim_start_matches('/');
    let path = path.split('?').next().unwrap_or_default();
    match path {
        "metadata" => json_bytes(statement().to_string().as_bytes()),
        "Patient/p1" => json_bytes(PATIENT.as_bytes()),
        "Coverage" => json_bytes(bundle().to_string().as_bytes()),
        "Coverage/c1" => json_bytes(bundle()["entry"][0]["resource"].to_string().as_bytes()),
        _ => vec![Act::Send(response(
            "404 Not Found",
            &[("content-type", "application/fhir+json")],
            br#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-found"}]}"#,
        ))],
    }
}

/// An attack at one path, and a sound answer elsewhere.
fn at(seen: &Seen, path: &str, answer: impl Fn() -> Vec<Act>) -> Vec<Act> {
    if seen.path.split('?').next() == Some(format!("fhir/{path}").as_str()) { answer() } else { sound(seen) }
}

/// An attack in the answer to searches of Coverage.
fn search(seen: &Seen, change: impl Fn(&mut Value)) -> Vec<Act> {
    let mut bundle = bundle();
    change(&mut bundle);
    if seen.path.starts_with("fhir/Coverage?") || seen.path == "fhir/Coverage" {
        json_bytes(bundle.to_string().as_bytes())
    } else {
        sound(seen)
    }
}

fn json_bytes(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+json; charset=utf-8"), ("etag", "W/\"1\"")], body))]
}

fn xml(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+xml")], body))]
}

fn redirect(location: &str) -> Vec<Act> {
    vec![Act::Send(response("302 Found", &[("location", location)], b""))]
}

fn gzipped(body: &[u8]) -> Vec<Act> {
    vec![Act::Send(response("200 OK", &[("content-type", "application/fhir+json"), ("content-encoding", "gzip")], body))]
}

/// Two hundred megabytes of nothing, packed so many times.
fn bomb(times: usize) -> Vec<u8> {
    static ONCE: OnceLock<Vec<u8>> = OnceLock::new();
    let mut packed = ONCE.get_or_init(pack).clone();
    for _ in 1..times {
        let mut again = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        again.write_all(&packed).unwrap();
        packed = again.finish().unwrap();
    }
    packed
}

fn pack() -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..200 {
        packed.write_all(&[b' '; 1024 * 1024]).unwrap();
    }
    packed.finish().unwrap()
}

fn laughs() -> String {
    let entities: String = (1..30).map(|level| format!("<!ENTITY l{level} \"{}\">", format!("&l{};", level - 1).repeat(10))).collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE Patient [<!ENTITY l0 \"ha\">{entities}]><Patient xmlns=\"http://hl7.org/fhir\"><id value=\"&l29;\"/></Patient>"
    )
}

fn statement() -> Value {
    json!({"resourceType": "CapabilityStatement", "status": "active", "date": "2026-01-01", "kind": "instance", "fhirVersion": "4.0.1", "format": ["json"], "rest": [{"mode": "server", "resource": [
        {"type": "Patient", "interaction": [{"code": "read"}]},
        {"type": "Coverage", "interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": [{"name": "patient", "type": "reference"}]}
    ]}]})
}

/// Fifty thousand resource types that nobody knows, beside those of the sound server.
fn many_types() -> Value {
    let mut statement = statement();
    let unknown = (0..50_000).map(|number| json!({"type": format!("Thing{number}"), "interaction": [{"code": "read"}]}));
    statement["rest"][0]["resource"].as_array_mut().unwrap().extend(unknown);
    statement
}

fn live_statement() -> Value {
    let mut statement = statement();
    statement["software"] = json!({"name": LIVE, "version": LIVE});
    statement["implementation"] = json!({"description": LIVE, "url": LIVE});
    statement["fhirVersion"] = json!(LIVE);
    statement["format"] = json!([LIVE]);
    statement["rest"][0]["resource"].as_array_mut().unwrap().push(json!({"type": LIVE, "interaction": [{"code": LIVE}], "searchParam": [{"name": LIVE, "type": LIVE, "definition": LIVE}], "searchInclude": [LIVE], "supportedProfile": [LIVE]}));
    statement["rest"][0]["resource"][1]["searchParam"]
        .as_array_mut()
        .unwrap()
        .push(json!({"name": LIVE, "type": "token", "definition": LIVE}));
    statement
}

fn bundle() -> Value {
    json!({"resourceType": "Bundle", "type": "searchset", "total": 1, "link": [{"relation": "self", "url": "Coverage?patient=p1"}], "entry": [{"fullUrl": "http://payer.example/fhir/Coverage/c1", "search": {"mode": "match"}, "resource":
        {"resourceType": "Coverage", "id": "c1", "status": "active", "beneficiary": {"reference": "Patient/p1"}, "payor": [{"display": "Payer"}]}}]})
}
