//! Signing in end to end: the built program against the built reference payer, one test a flow, and no secret in anything written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at what it does not expect")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use command::{payerspec, said};
use serde_json::Value;

#[path = "common/command.rs"]
mod command;
#[path = "login/deviations.rs"]
mod deviations;
#[path = "login/flows.rs"]
mod flows;
#[path = "login/renewal.rs"]
mod renewal;
#[path = "login/secrets.rs"]
mod secrets;

/// Cases enough to be telling and few enough to be quick: reads of the member's record, and the sign-in.
const SOME: &str = "{c4bb.{Coverage,Patient}.read*,r4.oauth.*}";

/// `payerspec serve` with an authorization server, and a folder for everything that a test writes.
struct Served {
    child: Child,
    ready: Value,
    folder: tempfile::TempDir,
}

impl Served {
    fn start(arguments: &[&str]) -> Self {
        let mut child = payerspec(&[&["serve"], arguments].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        Self { child, ready: serde_json::from_str(&line).unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    fn text(&self, pointer: &str) -> String {
        self.ready.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} is not in {}", self.ready)).to_owned()
    }

    fn base(&self) -> String {
        self.text("/base")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What a client needs to know of itself.
    fn client(&self, id: &str, field: &str) -> String {
        let clients = self.ready["clients"].as_array().unwrap();
        let client = clients.iter().find(|client| client["client_id"] == id).unwrap();
        client[field].as_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The forms of a scripted sign-in as the first member.
    fn forms(&self) -> String {
        let user = self.text("/members/0/patient");
        self.write("password", "password\n");
        format!(
            "[[auth.form]]\nfields = {{ username = \"{user}\", password = {{ file = \"password\" }} }}\nbutton = \"Sign in\"\n\
             [[auth.form]]\nbutton = \"allow\"\n"
        )
    }

    /// Runs with a configuration; gives the exit code, what was said, and the results.
    fn run(&self, auth: &str, more: &[&str]) -> (i32, String, Value) {
        self.write("payerspec.toml", auth);
        let out = self.path("out");
        let mut command = payerspec(&["run", "--target", &self.base(), "--only", SOME]);
        command.arg("--config").arg(self.path("payerspec.toml")).arg("--token-store").arg(self.path("tokens.json"));
        let output = command.arg("--out").arg(&out).args(more).output().unwrap();
        let results = fs::read(out.join("results.json")).map(|text| serde_json::from_slice(&text).unwrap()).unwrap_or_default();
        (output.status.code().unwrap(), said(&output), results)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The ids of the cases with an outcome.
fn with_outcome(results: &Value, outcome: &str) -> Vec<String> {
    let cases = results["cases"].as_array().unwrap();
    cases.iter().filter(|case| case["outcome"] == outcome).map(|case| case["id"].as_str().unwrap().to_owned()).collect()
}

/// Plays the browser: gets the sign-in page, fills it in, allows, and gives the address that the browser is sent back to.
fn browse(url: &str, user: &str) -> String {
    let page = http("GET", url, None, "");
    let cookie = page.split("set-cookie: ").nth(1).unwrap().split(';').next().unwrap().to_owned();
    let ticket = page.split("name=\"ticket\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let origin = url.split("/auth").next().unwrap().split("/sso").next().unwrap();
    let form = format!("ticket={ticket}&username={user}&password=password");
    http("POST", &format!("{origin}/auth/login"), Some(&form), &cookie);
    let form = format!("ticket={ticket}&patient={user}&decision=allow");
    let answer = http("POST", &format!("{origin}/auth/consent"), Some(&form), &cookie);
    answer.split("location: ").nth(1).unwrap().lines().next().unwrap().to_owned()
}

/// One plain request; gives the whole answer.
fn http(method: &str, url: &str, form: Option<&str>, cookie: &str) -> String {
    let (host, target) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let body = form.unwrap_or_default();
    let kind = if form.is_some() { "Content-Type: application/x-www-form-urlencoded\r\n" } else { "" };
    let head = format!(
        "{method} /{target} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n{kind}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
