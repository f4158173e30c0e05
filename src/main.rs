//! The `payerspec` command: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A run takes an eighth less time than with the C library's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    payerspec::cli::main()
}
