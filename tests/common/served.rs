//! The reference payer as `payerspec serve` starts it, and commands against it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::command::payerspec;

/// `payerspec serve`, until the test ends.
pub struct Served {
    pub child: Child,
    pub line: String,
    pub base: String,
    pub patient: String,
    pub token: String,
    folder: tempfile::TempDir,
}

impl Served {
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = payerspec(&[&["serve"], arguments].concat()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let text = |pointer: &str| ready.pointer(pointer).and_then(Value::as_str).unwrap().to_owned();
        let (base, patient, token) = (text("/base"), text("/members/0/patient"), text("/members/0/token"));
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("token"), &token).unwrap();
        Self { child, line, base, patient, token, folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command against this payer as its first member.
    pub fn command(&self, name: &str, more: &[&str]) -> Command {
        let mut command = payerspec(&[name, "--target", &self.base]);
        command.arg("--token-file").arg(self.path("token")).args(more);
        if name != "plan" {
            command.args(["--patient", &self.patient]);
        }
        command
    }

    /// Runs with reports into a folder of this name; gives the exit code and the results.
    pub fn run(&self, out: &str, more: &[&str]) -> (i32, Value) {
        let out = self.path(out);
        let output = self.command("run", more).arg("--out").arg(&out).output().unwrap();
        let results = serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
        (output.status.code().unwrap(), results)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
