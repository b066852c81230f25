//! The inputs of `fixtures/formats`, and what becomes of them.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::path::Path;

use tds_inversion::run::CrystalReport;

pub type Folder = BTreeMap<String, Vec<u8>>;

/// The files of a folder of `fixtures/formats`.
pub fn all(part: &str) -> Folder {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats").join(part);
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap()))
        .collect()
}

/// The first CIF whose name begins so.
pub fn cif(begin: &str) -> (String, Vec<u8>) {
    let found = all("cif").into_iter().find(|(name, _)| name.starts_with(begin));
    found.unwrap_or_else(|| panic!("no fixture {begin}"))
}

pub fn report(name: &str, bytes: &[u8]) -> tds_inversion::Result<CrystalReport> {
    CrystalReport::read(name, &Folder::from([(name.to_owned(), bytes.to_vec())]), None)
}

/// One line that names the file, what is wrong and what was expected.
pub fn sentence<T>(result: tds_inversion::Result<T>, part: &str) {
    let Err(error) = result else { panic!("accepted; expected a refusal about {part:?}") };
    let said = error.to_string();
    assert!(said.contains(part) && said.contains(", expected "), "{said} does not mention {part}");
    assert!(said.len() < 500 && !said.contains('\n'), "{said}");
}
