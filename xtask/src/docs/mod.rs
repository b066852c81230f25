//! What is written about jobs and results, from the schemas that `tds schema` prints: the schemas themselves, a
//! reference for people, types for TypeScript.

mod reference;
mod schema;
mod typescript;

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::tests::native_runner;
use crate::tools::{self, Checkout};

/// Writes all of it.
pub fn write(checkout: &Checkout) -> Result<()> {
    for (name, text) in files(checkout)? {
        let path = checkout.path(name);
        fs::create_dir_all(path.parent().context("a file in a folder")?)?;
        fs::write(&path, text).with_context(|| name.to_owned())?;
        println!("{name}");
    }
    Ok(())
}

/// An error unless all of it is what the types give.
pub fn check(checkout: &Checkout) -> Result<()> {
    for (name, text) in files(checkout)? {
        let found = fs::read_to_string(checkout.path(name)).unwrap_or_default();
        ensure!(found == text, "{name} is not what the types give: run `cargo xtask docs`");
    }
    Ok(())
}

/// Name and text of every file.
fn files(checkout: &Checkout) -> Result<[(&'static str, String); 4]> {
    let tds = native_runner(checkout)?;
    let print = |options: &[&str]| tools::output(checkout.command(&tds).arg("schema").args(options));
    let (job, result, page) = (print(&[])?, print(&["--result"])?, print(&["--page"])?);
    let parse = |text: &str| serde_json::from_str::<Value>(text).context("`tds schema` printed no JSON");
    let (of_job, of_page) = (parse(&job)?, parse(&page)?);
    Ok([
        ("docs/job.md", reference::of_job(&of_job)?),
        ("docs/job.schema.json", job),
        ("docs/result.schema.json", result),
        ("src/wasm/types.d.ts", typescript::types(&of_job, &of_page)?),
    ])
}
