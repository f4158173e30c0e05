//! Every case of payerspec as a test of this crate. The program does it all; `PAYERSPEC` names it when it is not on the `PATH`.

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let program = env::var_os("PAYERSPEC").unwrap_or_else(|| "payerspec".into());
    let mut command = Command::new(&program);
    command.args(["libtest", "--config", "payerspec.toml", "--"]).args(env::args_os().skip(1));
    match command.status() {
        Ok(status) => status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("{} cannot be run: {error}; put payerspec on the PATH, or name it with PAYERSPEC", program.to_string_lossy());
            ExitCode::FAILURE
        }
    }
}
