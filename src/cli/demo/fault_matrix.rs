//! `payerspec demo --fault-matrix`: every fault of the reference payer, and the cases that catch it.

use std::io::{self, Write};
use std::path::Path;

use super::super::exit::{BadInput, Exit};
use super::super::run::interrupted;
use crate::proof::{Matrix, Questions, measure};
use crate::report::write_whole;

/// Payers that are tried at once: one does not keep a core busy while it waits for answers.
const AT_ONCE: usize = 4;

/// Tries every fault, prints a line for each and the gaps, and writes `fault-matrix.md` and `fault-matrix.json`.
pub fn run(questions: &Questions, out: Option<&Path>) -> Result<Exit, BadInput> {
    let runtime = super::super::runtime()?;
    let matrix = runtime.block_on(async {
        let mut print = |row: &crate::proof::Row| super::super::print(&format!("{}\n", row.line()));
        tokio::select! {
            matrix = measure(questions, AT_ONCE, &mut print) => matrix.map(Some),
            () = interrupted() => Ok(None),
        }
    })?;
    runtime.shutdown_background();
    let Some(matrix) = matrix else {
        anstream::eprintln!("payerspec: stopped before every fault was tried");
        return Ok(Exit::NotMeasured);
    };
    let gaps: String = matrix.gaps.iter().map(|gap| format!("  {gap}\n")).collect();
    super::super::print(&format!("\n{gaps}{}\n", matrix.conclusion()));
    if let Some(out) = out
        && let Err(error) = write(&matrix, out)
    {
        anstream::eprintln!("payerspec: the matrix cannot be written to {}: {error}", out.display());
        return Ok(Exit::Unreported);
    }
    Ok(if matrix.gaps.is_empty() { Exit::Done } else { Exit::Deviates })
}

fn write(matrix: &Matrix, out: &Path) -> io::Result<()> {
    std::fs::create_dir_all(out)?;
    let json = matrix.json()?;
    write_whole(&out.join("fault-matrix.json"), |file| file.write_all(json.as_bytes()))?;
    write_whole(&out.join("fault-matrix.md"), |file| file.write_all(matrix.markdown().as_bytes()))
}
