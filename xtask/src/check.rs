//! What must hold before anything is tested: form, lints, and a reference and a package that match their sources.

use anyhow::{Context, Result};

use crate::tools::{self, Checkout, WASM_TARGET};
use crate::{docs, floors, pkg};

/// The lints for WebAssembly, where clocks, threads and files of the standard library panic.
const WASM_LINTS: &str = "xtask/clippy-wasm";

/// Form and lints of the JavaScript: `biome.json` says which.
const BIOME: &str = "tests/node_modules/@biomejs/biome/bin/biome";

pub fn run(checkout: &Checkout) -> Result<()> {
    heading("formatting");
    tools::ensure_component(checkout, "fmt", "rustfmt")?;
    tools::run(checkout.cargo().args(["fmt", "--all", "--check"]))
        .context("the formatting differs: run `cargo fmt --all`")?;

    heading("lints, native");
    tools::ensure_component(checkout, "clippy", "clippy")?;
    let deny = ["--", "--deny", "warnings"];
    tools::run(checkout.cargo().args(["clippy", "--locked", "--workspace", "--all-targets"]).args(deny))?;

    heading("lints, WebAssembly");
    tools::ensure_wasm_target(checkout)?;
    tools::run(
        checkout
            .cargo()
            .args(["clippy", "--locked", "--package", "tds-inversion", "--lib", "--target", WASM_TARGET])
            .args(deny)
            .env("CLIPPY_CONF_DIR", checkout.path(WASM_LINTS)),
    )?;

    heading("formatting and lints, JavaScript");
    let node = tools::ensure_node(checkout)?;
    tools::ensure_npm_packages(checkout)?;
    tools::run(checkout.command(node).args([BIOME, "check", "--error-on-warnings"]))
        .context("the JavaScript is not in order: run `npm run mend` in tests/")?;
    heading("floors");
    floors::check(checkout)?;

    heading("documentation");
    tools::run(
        checkout
            .cargo()
            .args(["doc", "--locked", "--no-deps", "--package", "tds-inversion", "--lib"])
            .env("RUSTDOCFLAGS", "--deny warnings"),
    )?;

    heading("reference and types");
    docs::check(checkout)?;

    heading("package");
    pkg::check_fresh(checkout)?;
    pkg::check_contents(checkout)?;
    pkg::check_size(checkout)
}

/// The title of a step.
pub fn heading(title: &str) {
    println!("\n=== {title} ===");
}
