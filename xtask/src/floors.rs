//! Who may import whom and who may name fields of a job: the table of ARCHITECTURE.md, held against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::tools::Checkout;

const TABLE: &str = "ARCHITECTURE.md";
const BEGIN: &str = "<!-- floors: begin -->";
const END: &str = "<!-- floors: end -->";

/// The floor that knows the fields of a job, and the one that has the words for errors of them.
const JOB: &str = "job";
const ERROR: &str = "error";

/// What names a field of the job. Elsewhere an error is one of a value (`Error::value`), and who calls says whose it is.
const OF_JOB: [&str; 3] = ["Error::job(", "Error::Job", ".in_job("];

/// What each floor may import; `None`: everything.
type Floors = BTreeMap<String, Option<BTreeSet<String>>>;

/// An error that names the files which import what their floor may not, or name fields of a job without knowing it.
pub fn check(checkout: &Checkout) -> Result<()> {
    let text = fs::read_to_string(checkout.path(TABLE)).context(TABLE)?;
    let floors = floors(&text)?;
    let sources = checkout.path("src");
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in rust_files(&sources)? {
        let relative = file.strip_prefix(&sources)?.to_owned();
        let floor = relative.iter().next().unwrap_or_default().to_string_lossy().replace(".rs", "");
        if floor == "bin" || floor == "lib" {
            continue;
        }
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let allowed = floors.get(&floor);
        ensure!(allowed.is_some(), "{TABLE} has no row for src/{}", relative.display());
        for import in imports(&text) {
            let known =
                import == floor || allowed.is_some_and(|a| a.as_ref().is_none_or(|a| a.contains(&import)));
            if !known {
                wrong.push(format!("src/{} imports {import}", relative.display()));
            }
        }
        let knows_jobs = [JOB, ERROR].contains(&floor.as_str())
            || allowed.is_some_and(|a| a.as_ref().is_none_or(|a| a.contains(JOB)));
        if let Some(word) = names_fields(&text).filter(|_| !knows_jobs) {
            wrong.push(format!("src/{} says `{word}`, which names a field of the job", relative.display()));
        }
        seen.insert(floor);
    }
    let missing: Vec<&String> = floors.keys().filter(|floor| !seen.contains(*floor)).collect();
    ensure!(missing.is_empty(), "{TABLE} has rows for floors that are not there: {missing:?}");
    ensure!(
        wrong.is_empty(),
        "the table of floors in {TABLE} does not allow that\n  {}\nexpected imports that it lists, and fields of a job only where `{JOB}` may be imported",
        wrong.join("\n  ")
    );
    println!("{} floors, each with the imports that {TABLE} allows", seen.len());
    Ok(())
}

fn floors(text: &str) -> Result<Floors> {
    let (_, rest) = text.split_once(BEGIN).with_context(|| format!("{TABLE} has no `{BEGIN}`"))?;
    let (table, _) = rest.split_once(END).with_context(|| format!("{TABLE} has no `{END}`"))?;
    let mut floors = Floors::new();
    for row in table.lines().filter(|row| row.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [floor, _, imports] = cells[..] else { continue };
        let names: BTreeSet<String> =
            imports.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let all = names.contains("all");
        floors.insert(floor.trim_matches('`').to_owned(), (!all).then_some(names));
    }
    Ok(floors)
}

/// The text without comments and tests.
fn code_of(text: &str) -> String {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

/// What of a text names a field of the job.
fn names_fields(text: &str) -> Option<&'static str> {
    let code = code_of(text);
    OF_JOB.into_iter().find(|word| code.contains(word))
}

/// First names after `crate::`.
fn imports(text: &str) -> BTreeSet<String> {
    let code = code_of(text);
    let mut found = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let list = after.strip_prefix('{').and_then(|rest| rest.split('}').next());
        let name = |text: &str| {
            let name: String = text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if name == "Error" || name == "Result" { "error".to_owned() } else { name }
        };
        match list {
            Some(list) => found.extend(list.split(',').map(name)),
            None => found.extend([name(after)]),
        }
    }
    found.retain(|name| !name.is_empty() && name != "self");
    found
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_whatever_their_form() {
        let text = "use crate::base::order::sort_by;\nuse crate::{Error, units};\n// crate::job\nlet x = crate::lanes::both(1.0);\n#[cfg(test)]\nuse crate::run;";
        let expected = ["base", "error", "lanes", "units"].map(str::to_owned);
        assert_eq!(imports(text), BTreeSet::from(expected));
    }

    #[test]
    fn who_names_a_field_of_the_job_is_found() {
        assert_eq!(names_fields("Err(Error::job(\"fit.batch\", \"0\", \"one\"))"), Some("Error::job("));
        assert_eq!(names_fields("check(n).in_job(\"model\")?;"), Some(".in_job("));
        let allowed = "// Error::job(\nErr(Error::value(\"0\", \"one\").of(\"batch\"))\n#[cfg(test)]\nlet x = Error::job(";
        assert_eq!(names_fields(allowed), None);
    }

    #[test]
    fn rows_say_what_a_floor_may_import() {
        let text = format!(
            "{BEGIN}\n| floor | what | may import |\n|---|---|---|\n| `a` | x | |\n| `b` | y | a, c |\n| `w` | z | all |\n{END}"
        );
        let floors = floors(&text).unwrap();
        assert_eq!(floors["a"], Some(BTreeSet::new()));
        assert_eq!(floors["b"], Some(BTreeSet::from(["a".to_owned(), "c".to_owned()])));
        assert_eq!(floors["w"], None);
    }
}
