//! The house rules, enforced on the source itself.

#![expect(clippy::unwrap_used, reason = "a test stops at what it does not expect")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules in flow order, as `lib.rs` declares them.
fn flow() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';').map(str::to_owned)).collect()
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Source files with the room that each is in and its text without tests and comments.
fn rooms() -> BTreeMap<PathBuf, (String, String)> {
    let source = source();
    let mut rooms = BTreeMap::new();
    for file in rust_files(&source) {
        let relative = file.strip_prefix(&source).unwrap().to_owned();
        let room = relative.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        rooms.insert(relative, (room, code.join("\n")));
    }
    rooms
}

#[test]
fn modules_use_only_those_above_them() {
    let flow = flow();
    assert!(flow.len() >= 9, "lib.rs declares {flow:?}");
    for (file, (room, code)) in rooms() {
        let Some(place) = flow.iter().position(|module| *module == room) else { continue };
        for below in &flow[place + 1..] {
            assert!(
                !code.contains(&format!("crate::{below}::")) && !code.contains(&format!("crate::{below};")),
                "{} uses {below}, which comes after {room}",
                file.display()
            );
        }
    }
}

#[test]
fn the_reference_payer_shares_no_search_matching_with_the_harness() {
    for (file, (room, code)) in rooms() {
        if room == "reference" {
            for forbidden in ["fhir::search", "fhir::fhirpath", "crate::check", "crate::plan", "crate::run", "crate::target"] {
                assert!(!code.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn sockets_are_opened_in_target_and_reference_only() {
    for (file, (room, code)) in rooms() {
        if !matches!(room.as_str(), "target" | "reference") {
            for forbidden in ["reqwest", "TcpStream", "TcpListener", "UdpSocket", "axum::"] {
                assert!(!code.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn files_are_written_in_report_guide_and_cli_only() {
    for (file, (room, code)) in rooms() {
        if !matches!(room.as_str(), "report" | "guide" | "cli") {
            for forbidden in ["File::create", "fs::write", "OpenOptions", "create_dir", "fs::rename", "fs::remove"] {
                assert!(!code.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn nothing_but_report_and_cli_prints() {
    for (file, (room, code)) in rooms() {
        if !matches!(room.as_str(), "report" | "cli") {
            for forbidden in ["println!", "eprintln!", "print!(", "dbg!("] {
                assert!(!code.contains(forbidden), "{} uses {forbidden}", file.display());
            }
        }
    }
}

#[test]
fn no_file_is_over_500_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["src", "tests", "benches"] {
        for file in rust_files(&root.join(folder)) {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(lines <= 500, "{} has {lines} lines; split it by idea", file.display());
        }
    }
}

#[test]
fn every_check_is_one_registered_file() {
    let registry = fs::read_to_string(source().join("check/mod.rs")).unwrap();
    let mut files = 0;
    for (file, (room, code)) in rooms() {
        if room == "check" && code.contains("pub const CHECK: Check") {
            files += 1;
            let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
            let folder = file.parent().unwrap().file_name().unwrap().to_string_lossy().into_owned();
            assert!(registry.contains(&format!("&{folder}::{stem}::CHECK,")), "{} is not registered", file.display());
        }
    }
    assert_eq!(files, payerspec::check::CHECKS.len());
}
