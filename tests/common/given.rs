//! The program `tds` in folders of its own, and the inputs of `fixtures/cases`.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn case(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases").join(path)).unwrap()
}

pub fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("given").join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

pub fn tds(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tds")).args(arguments).current_dir(folder).output().unwrap()
}

/// The one line of a refusal.
pub fn refused(out: &Output) -> String {
    let said = String::from_utf8(out.stderr.clone()).unwrap();
    assert_eq!(out.status.code(), Some(2), "{said}");
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with("note: ")).collect();
    assert_eq!(lines.len(), 1, "{said}");
    assert!(lines[0].contains(", expected ") && lines[0].len() < 1200, "{said}");
    lines[0].to_owned()
}

pub const NICKEL: &str = r#"{"crystal": {"prototype": "fcc", "element": "Ni", "a": 3.52},
 "force_constants": {"cutoff": 2.6, "start": {"springs": {"1": 2.2}}}, "data": [{"file": "data.csv"}]}"#;
