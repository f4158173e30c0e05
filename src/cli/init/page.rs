//! The text of a `payerspec.toml`: what was discovered as settings, and what else can be set as comments.

use url::Url;

use crate::cli::options::DEFAULT_GUIDE;
use crate::fhir::capability::Capability;
use crate::fhir::json::Value;
use crate::guide::named::{Named, named};
use crate::report::{clean, shorten};
use crate::target::{Survey, TargetConfig};

/// Characters of one foreign text that are shown.
const LONGEST: usize = 300;
/// Scopes and resource types that are listed.
const MOST: usize = 40;
/// What a member's app asks for (SMART App Launch 2.2, Scopes and Launch Context), in the order in which it is written.
const SCOPES: [&str; 6] = ["launch/patient", "openid", "fhirUser", "offline_access", "patient/*.rs", "patient/*.read"];

/// The whole file. A line that begins with `#` and a letter or bracket is a setting to switch on; `# ` begins a remark.
pub fn page(config: &TargetConfig, survey: &Survey) -> String {
    let mut page = Page::default();
    page.remark(&format!("Settings of payerspec for {}, from what the server says of itself.", config.base));
    page.remark("`payerspec run --config FILE` uses them; flags win over them. Secrets do not belong here: name a file or a variable.");
    let statement = survey.declaration.statement.as_deref();
    let capability = survey.declaration.capability.as_ref();
    page.gap();
    described(&mut page, statement, capability);
    guides(&mut page, statement, capability);
    target(&mut page, config, survey);
    sign_in(&mut page, config, survey);
    facts(&mut page);
    page.0
}

/// Lines of TOML. Foreign text goes through `remark` and `quoted` only, so that it can neither end a comment nor a string.
#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn gap(&mut self) {
        self.line("");
    }

    fn remark(&mut self, text: &str) {
        self.line(&format!("# {}", shorten(&clean(text), LONGEST)));
    }

    fn setting(&mut self, name: &str, value: &str) {
        self.line(&format!("{name} = {value}"));
    }

    fn possible(&mut self, name: &str, value: &str) {
        self.line(&format!("#{name} = {value}"));
    }
}

/// A basic string of TOML, on one line, in which nothing is hidden: control characters and marks that reorder text are escaped.
fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

fn list<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = texts.into_iter().take(MOST).map(quoted).collect();
    format!("[{}]", quoted.join(", "))
}

/// Who the server is, as remarks.
fn described(page: &mut Page, statement: Option<&Value>, capability: Option<&Capability>) {
    let text = |pointer: &str| statement.and_then(|statement| statement.pointer(pointer)).and_then(Value::as_str);
    let software: Vec<&str> = ["/software/name", "/software/version"].into_iter().filter_map(text).collect();
    for (name, said) in [("Publisher", text("/publisher")), ("Software", Some(software.join(" ").as_str())), ("FHIR", text("/fhirVersion"))]
    {
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            page.remark(&format!("{name}: {said}"));
        }
    }
    let types: Vec<&str> = capability.iter().flat_map(|capability| capability.resources.keys()).map(String::as_str).take(MOST).collect();
    page.remark(&format!("Resource types: {}", if types.is_empty() { "none".to_owned() } else { types.join(", ") }));
    page.gap();
}

/// The guides that the statement names, else the one that an endpoint is judged by when it names none.
fn guides(page: &mut Page, statement: Option<&Value>, capability: Option<&Capability>) {
    let of_statement = ["instantiates", "implementationGuide"].into_iter().flat_map(|name| {
        let listed = statement.and_then(|statement| statement.get(name)).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str)
    });
    let of_types = capability.iter().flat_map(|capability| capability.resources.values()).flat_map(|stated| {
        let more = stated.supported_profiles.iter().map(|profile| profile.value.as_str());
        stated.profile.as_deref().into_iter().chain(more)
    });
    let found = named(of_statement.chain(of_types));
    page.remark("The guides that the server is judged by (`payerspec packages list` shows those that are embedded).");
    let mut meant = Vec::new();
    for Named { package, version, by } in found.into_iter().take(MOST) {
        let by_default = DEFAULT_GUIDE.split_once('#').filter(|(known, _)| *known == package).map(|(_, version)| version.to_owned());
        match version.clone().or(by_default) {
            Some(meant_version) => {
                let stated = if version.is_some() { "" } else { "; no version is stated" };
                page.remark(&format!("{package}: the server names {by}{stated}"));
                meant.push(format!("{package}#{meant_version}"));
            }
            None => page.remark(&format!("{package}: the server names {by}, without a version; add \"{package}#VERSION\" to judge by it")),
        }
    }
    if meant.is_empty() {
        page.remark("The server names none; this is the one for which payerspec judges when nothing else is said.");
        meant.push(DEFAULT_GUIDE.to_owned());
    }
    page.setting("guides", &list(meant.iter().map(String::as_str)));
    page.gap();
}

fn target(page: &mut Page, config: &TargetConfig, survey: &Survey) {
    page.line("[target]");
    page.setting("base", &quoted(config.base.as_str()));
    let usual = format!("{}/metadata", config.base.as_str().trim_end_matches('/'));
    if config.metadata.as_str() != usual {
        page.setting("metadata-url", &quoted(config.metadata.as_str()));
    }
    if survey.declaration.needed_token {
        page.remark("/metadata wants a token: it should be open (R4 http.html#capabilities).");
    }
    page.gap();
    page.remark("The member whose record is read, and one whom the token must not reach: logical ids of Patient.");
    page.possible("patients", "[\"ID\"]");
    page.possible("other-patient", "\"ID\"");
    page.gap();
    page.remark("A token that is there already: a file, or an environment variable (PAYERSPEC_TOKEN is read without this line).");
    page.possible("token-file", "\"token\"");
    page.possible("token-env", "\"PAYERSPEC_TOKEN\"");
    page.gap();
    page.remark("Where the endpoints of the authorization server are. Each run asks again; set what is stated wrongly.");
    for (endpoint, setting) in survey.endpoints.iter().zip(["authorize-url", "token-url"]) {
        let sources =
            [(&endpoint.configuration, ".well-known/smart-configuration"), (&endpoint.statement, "the CapabilityStatement's oauth-uris")];
        for (stated, source) in &sources {
            page.remark(&match stated {
                Some(url) => format!("{} by {source}: {url}", endpoint.name),
                None => format!("{} by {source}: not stated", endpoint.name),
            });
        }
        let stated = sources.iter().find_map(|(stated, _)| stated.as_deref());
        page.possible(setting, &quoted(&shorten(stated.unwrap_or("https://login.example/…"), LONGEST)));
    }
    page.gap();
    page.remark("How hard the server is asked: requests at once, requests a second, seconds to wait.");
    page.possible("concurrency", "4");
    page.possible("rate", "10.0");
    page.possible("read-timeout", "30.0");
    page.gap();
}

/// How to get a token, as far as the server states it. Nothing of it is switched on: only who registered an app knows its client id.
fn sign_in(page: &mut Page, config: &TargetConfig, survey: &Survey) {
    let stated = |name: &str| {
        let listed = survey.configuration.as_deref().and_then(|document| document.get(name)).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(Value::as_str).take(MOST).collect::<Vec<_>>()
    };
    page.remark("To sign in by SMART App Launch in place of a token, switch this on with the client id of a registered app.");
    for (name, field) in [
        ("Capabilities", "capabilities"),
        ("Scopes", "scopes_supported"),
        ("Client authentication", "token_endpoint_auth_methods_supported"),
    ] {
        let said = stated(field);
        page.remark(&format!("{name}: {}", if said.is_empty() { "not stated".to_owned() } else { said.join(" ") }));
    }
    page.line("#[auth]");
    page.possible("client-id", "\"my-app\"");
    page.possible("client-secret-file", "\"secret\"");
    let supported = stated("scopes_supported");
    let mut scopes: Vec<&str> = SCOPES.into_iter().filter(|scope| supported.contains(scope)).collect();
    // One grammar of scopes is enough.
    if scopes.contains(&"patient/*.rs") {
        scopes.retain(|scope| *scope != "patient/*.read");
    }
    if !scopes.iter().any(|scope| scope.starts_with("patient/")) {
        scopes = SCOPES.into_iter().take(5).collect();
    }
    page.possible("scopes", &list(scopes));
    page.possible("redirect-port", "8765");
    let elsewhere = |url: &str| Url::parse(url).ok().filter(|url| url.has_host() && url.origin() != config.base.origin());
    let mut origins: Vec<String> = Vec::new();
    for url in survey.endpoints.iter().flat_map(|endpoint| [&endpoint.configuration, &endpoint.statement]).flatten() {
        if let Some(url) = elsewhere(url) {
            origins.push(url.origin().ascii_serialization());
        }
    }
    origins.sort();
    origins.dedup();
    if !origins.is_empty() {
        page.remark("The authorization server is on another origin than the base; it is only gone to when named here.");
        page.possible("allow-origins", &list(origins.iter().map(String::as_str)));
    }
}

/// What the payer may say of its own data: the settings that most can tell.
fn facts(page: &mut Page) {
    page.gap();
    page.remark("What only you know of the data. What is said here is held against the record; the README tells all that can be said.");
    page.line("#[facts]");
    page.possible("must-support", "[\"*\"]");
    page.possible("documentation", "\"https://payer.example/developers\"");
    page.line("#[[facts.member]]");
    page.possible("services-since", "\"2016-01-01\"");
    page.possible("claims", "{ total = 31, pharmacy = 12 }");
    page.line("#[[facts.claim]]");
    page.possible("number", "\"the payer's number of a claim\"");
    page.possible("replaced-by", "\"that of the claim which adjusted it\"");
}
