//! The page as a folder: as it lies in the checkout, with its index on top and a service worker that knows every file.

use anyhow::{Result, ensure};
use serde_json::{Map, Value};

use super::{Files, INDEX, SERVICE_WORKER, attribute, linked, replace_once, spans, text};
use crate::tools;

/// What the page registers, on top, so that it serves the whole folder.
const WORKER: &str = "sw.js";

/// The files of the folder, by their names in it.
pub fn of(files: &Files) -> Result<Files> {
    let mut site: Files = files
        .iter()
        .filter(|(name, _)| ![INDEX, SERVICE_WORKER].contains(&name.as_str()))
        .map(|(name, bytes)| (name.clone(), bytes.clone()))
        .collect();
    let mut page = moved(text(files, INDEX)?, &site)?;
    // The page tells by this which version it is; itself, it is counted without.
    let version = version(&site, &page);
    let icon = r#"<link rel="icon""#;
    let meta = format!("<meta name=\"offline\" content=\"{WORKER}\" data-version=\"{version}\">\n  {icon}");
    page = replace_once(&page, icon, &meta, INDEX)?;

    let mut list: Map<String, Value> =
        site.iter().map(|(name, bytes)| (name.clone(), tools::sha256(bytes).into())).collect();
    list.insert("./".to_owned(), tools::sha256(page.as_bytes()).into());
    let worker = text(files, SERVICE_WORKER)?;
    let filled = format!("const FILES = {};", serde_json::to_string_pretty(&list)?);
    let worker = replace_once(worker, "const FILES = {};", &filled, SERVICE_WORKER)?;
    let named = format!("const VERSION = \"{version}\";");
    let worker = replace_once(&worker, "const VERSION = \"\";", &named, SERVICE_WORKER)?;

    site.insert("index.html".to_owned(), page.into_bytes());
    site.insert(WORKER.to_owned(), worker.into_bytes());
    Ok(site)
}

/// A word for these very files.
fn version(site: &Files, page: &str) -> String {
    let digests: Vec<String> =
        site.iter().map(|(name, bytes)| format!("{}  {name}\n", tools::sha256(bytes))).collect();
    let mut digest = tools::sha256(format!("{}{page}", digests.concat()).as_bytes());
    digest.truncate(12);
    digest
}

/// The page one folder higher: its links name files as they lie below it.
fn moved(page: &str, site: &Files) -> Result<String> {
    let mut out = page.to_owned();
    for tag in spans(page, "<link ", ">").into_iter().chain(spans(page, "<script ", ">")) {
        for name in ["href", "src"] {
            let Some(address) = attribute(tag, name) else { continue };
            let Some(file) = linked(address) else { continue };
            ensure!(site.contains_key(&file), "{INDEX} names {address}, which does not exist");
            let there = tag.replace(&format!(" {name}=\"{address}\""), &format!(" {name}=\"{file}\""));
            out = replace_once(&out, tag, &there, INDEX)?;
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let page = r##"<link rel="icon" href="icon.svg"><link href="../pkg/a.js"><a href="#x"></a><script src="main.js"></script>"##;
        let worker = "const FILES = {};\nconst VERSION = \"\";\n";
        [
            (INDEX, page),
            (SERVICE_WORKER, worker),
            ("www/icon.svg", "i"),
            ("www/main.js", "m"),
            ("pkg/a.js", "a"),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into()
    }

    #[test]
    fn index_and_worker_lie_on_top_and_know_every_file() {
        let site = of(&files()).expect("a site");
        let names: Vec<&str> = site.keys().map(String::as_str).collect();
        assert_eq!(names, ["index.html", "pkg/a.js", "sw.js", "www/icon.svg", "www/main.js"]);
        let page = text(&site, "index.html").expect("a page");
        for link in [r#"href="www/icon.svg""#, r#"href="pkg/a.js""#, r##"href="#x""##, r#"src="www/main.js""#]
        {
            assert!(page.contains(link), "{link} in {page}");
        }
        let worker = text(&site, "sw.js").expect("a worker");
        for name in ["./", "pkg/a.js", "www/icon.svg", "www/main.js"] {
            assert!(worker.contains(&format!("\"{name}\": \"")), "{name} in {worker}");
        }
        assert!(worker.contains(&tools::sha256(page.as_bytes())), "the digest of the page as it is served");
    }

    #[test]
    fn another_file_is_another_version() {
        let mut changed = files();
        changed.insert("www/main.js".to_owned(), b"n".to_vec());
        assert_ne!(of(&files()).expect("a site")["sw.js"], of(&changed).expect("a site")["sw.js"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_refused() {
        let mut lacking = files();
        lacking.remove("www/icon.svg");
        assert!(of(&lacking).is_err());
    }
}
