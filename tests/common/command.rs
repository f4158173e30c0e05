//! The built program, as other programs call it.

use std::process::{Command, Output};

/// A call without a token or colours of the surroundings.
pub fn payerspec(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payerspec"));
    command.args(arguments).env_remove("PAYERSPEC_TOKEN").env("NO_COLOR", "1");
    command
}

/// Everything that was printed.
pub fn said(output: &Output) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!said.contains("panicked"), "{said}");
    said
}
