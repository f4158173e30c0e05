//! The `payerspec` command: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    payerspec::cli::main()
}
