//! The page to be handed out: a folder for any static server, which then works without a network, and one HTML file
//! that opens from a disk.

mod single;
mod site;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::pkg;
use crate::tools::{self, Checkout};

/// Where both are put, below the checkout; not committed.
const FOLDER: &str = "dist";
const SITE: &str = "dist/site";
const SINGLE: &str = "dist/tds-inversion.html";

/// The page, and what stands for the time without a network: both are put elsewhere than they lie.
const INDEX: &str = "www/index.html";
const SERVICE_WORKER: &str = "www/offline/service-worker.js";

/// Name below the checkout, and contents. The order is that of the names, so that the same sources give the same bytes.
type Files = BTreeMap<String, Vec<u8>>;

/// Builds what is missing and writes both.
pub fn run(checkout: &Checkout) -> Result<()> {
    pkg::ensure_fresh(checkout)?;
    make(checkout).map(|_| ())
}

/// Writes both; the folder that holds them.
pub fn make(checkout: &Checkout) -> Result<PathBuf> {
    let files = collect(checkout)?;
    let site = site::of(&files)?;
    let folder = checkout.path(SITE);
    if folder.exists() {
        fs::remove_dir_all(&folder).context(SITE)?;
    }
    for (name, bytes) in &site {
        write(&folder.join(name), bytes)?;
    }
    let bytes: usize = site.values().map(Vec::len).sum();
    println!("{SITE:<24} {} files, {bytes} bytes", site.len());

    let page = single::of(checkout, &with_small_package(checkout, files)?)?;
    println!("{SINGLE:<24} {} bytes of at most {}", page.len(), single::LIMIT);
    write(&checkout.path(SINGLE), page.as_bytes())?;
    ensure!(
        page.len() <= single::LIMIT,
        "{SINGLE} has {} bytes, expected at most {}",
        page.len(),
        single::LIMIT
    );
    Ok(checkout.path(FOLDER))
}

/// The same with the package that has everything as small as it gets: one file has to hold it.
fn with_small_package(checkout: &Checkout, mut files: Files) -> Result<Files> {
    let small = pkg::build_whole_small(checkout)?;
    for ending in [".js", "_bg.wasm"] {
        let name = format!("tds_inversion{ending}");
        let path = small.join(&name);
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        files.insert(format!("pkg/whole/{name}"), bytes);
    }
    Ok(files)
}

/// Address of the one file.
pub fn single_file_address(checkout: &Checkout) -> String {
    let path = checkout.path(SINGLE).to_string_lossy().replace('\\', "/");
    // What an address cannot hold as it is; on Windows a path begins with its drive.
    let name = percent_encoding::utf8_percent_encode(&path, ESCAPED).to_string();
    format!("file:///{}", name.trim_start_matches('/'))
}

/// Characters that end or change the path of an address.
const ESCAPED: &percent_encoding::AsciiSet =
    &percent_encoding::CONTROLS.add(b' ').add(b'%').add(b'#').add(b'?').add(b'"').add(b'<').add(b'>');

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = || path.display().to_string();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(name)?;
    }
    fs::write(path, bytes).with_context(name)
}

/// All that the page needs, whatever lies in its folders.
fn collect(checkout: &Checkout) -> Result<Files> {
    let mut files = Files::new();
    for folder in ["www", "pkg"] {
        for path in tools::files(&checkout.path(folder)).context(folder)? {
            let name = path.strip_prefix(checkout.root())?.to_string_lossy().replace('\\', "/");
            if folder == "www" || name.ends_with(".js") || name.ends_with(".wasm") {
                files.insert(name.clone(), fs::read(&path).context(name)?);
            }
        }
    }
    // Pictures that only the README shows are nothing of the page's.
    let texts: Vec<&[u8]> = files
        .iter()
        .filter(|(name, _)| [".html", ".css", ".js"].iter().any(|ending| name.ends_with(ending)))
        .map(|(_, bytes)| &bytes[..])
        .collect();
    let unused: Vec<String> = files
        .keys()
        .filter(|name| name.starts_with("www/images/"))
        .filter(|name| {
            let file = name.rsplit('/').next().unwrap_or(name);
            !texts.iter().any(|text| text.windows(file.len()).any(|part| part == file.as_bytes()))
        })
        .cloned()
        .collect();
    for name in unused {
        files.remove(&name);
    }
    Ok(files)
}

/// A file as text.
fn text<'a>(files: &'a Files, name: &str) -> Result<&'a str> {
    let bytes = files.get(name).with_context(|| format!("{name} is missing"))?;
    std::str::from_utf8(bytes).with_context(|| format!("{name} is no UTF-8 text"))
}

/// Replaces what stands in a text exactly once.
fn replace_once(text: &str, from: &str, to: &str, name: &str) -> Result<String> {
    let found = text.matches(from).count();
    ensure!(found == 1, "{name} has `{from}` {found} times, expected once");
    Ok(text.replacen(from, to, 1))
}

/// The text between two marks that follow each other, with the marks, wherever it stands.
fn spans<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find(begin).map(|at| from + at) {
        let Some(length) = text[start + begin.len()..].find(end) else { break };
        from = start + begin.len() + length + end.len();
        found.push(&text[start..from]);
    }
    found
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// A link of the page as a name below the checkout; None for what lies elsewhere, or is a place in the page.
fn linked(address: &str) -> Option<String> {
    if address.starts_with('#') || address.contains(':') {
        return None;
    }
    Some(match address.strip_prefix("../") {
        Some(name) => name.to_owned(),
        None => format!("www/{address}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_the_page_are_files_of_the_checkout() {
        assert_eq!(linked("style.css"), Some("www/style.css".to_owned()));
        assert_eq!(linked("../pkg/a.js"), Some("pkg/a.js".to_owned()));
        assert_eq!(linked("#help"), None);
        assert_eq!(linked("https://example.org/a.js"), None);
    }

    #[test]
    fn spans_and_attributes_are_found() {
        let text = r#"<p><link rel="icon" href="a"><b><link href="b">"#;
        let links = spans(text, "<link ", ">");
        assert_eq!(links, [r#"<link rel="icon" href="a">"#, r#"<link href="b">"#]);
        assert_eq!(attribute(links[0], "href"), Some("a"));
        assert_eq!(attribute(links[1], "rel"), None);
        assert!(spans("<link without an end", "<link ", ">").is_empty());
    }

    #[test]
    fn what_is_replaced_stands_there_once() {
        assert_eq!(replace_once("a b", "b", "c", "x").ok(), Some("a c".to_owned()));
        assert!(replace_once("b b", "b", "c", "x").is_err());
        assert!(replace_once("a", "b", "c", "x").is_err());
    }
}
