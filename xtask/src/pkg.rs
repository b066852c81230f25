//! `pkg/`: the library as WebAssembly with its JavaScript, committed so that the page needs no build.
//!
//! `pkg/SOURCES.sha256` lists the digest of every file that went in and of every file that came out, in
//! the format of `sha256sum -c`. From the same compiler the same sources give the same bytes, wherever
//! the checkout lies: all paths are rewritten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail, ensure};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use wasm_bindgen_cli_support::Bindgen;

use crate::tools::{self, Checkout, WASM_TARGET};

/// The most that a visitor should have to load, in bytes of the gzipped WebAssembly.
const GZIP_LIMIT: usize = 530_000;

const FOLDER: &str = "pkg";
/// The same with everything, for what few ask for: loaded instead of the first when it is needed.
const WHOLE: &str = "pkg/whole";
/// The readers of volumes, loaded when such a file is opened.
const READERS: &str = "pkg/readers";
const NAME: &str = "tds_inversion";
const MANIFEST: &str = "pkg/SOURCES.sha256";

/// What the package with everything is compiled with.
const WHOLE_FEATURES: &str = "engine,sampled,chosen,groups,phonopy,polar,potentials,simulated,modes";
/// Profiles of Cargo.toml: of what everybody loads, and of what is loaded when it is needed.
const SMALL: &str = "wasm";
const FAST: &str = "wasm-fast";

/// What enters the package beside the files that the compiler reads.
const BUILD_FILES: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "xtask/src/pkg.rs"];

/// Rebuilds `pkg/` from the sources.
pub fn build(checkout: &Checkout) -> Result<()> {
    check_versions(checkout)?;
    tools::ensure_wasm_target(checkout)?;
    let mut read = BTreeSet::new();
    let packages = [(FOLDER, "engine", SMALL), (WHOLE, WHOLE_FEATURES, FAST), (READERS, "readers", SMALL)];
    for (folder, features, profile) in packages {
        let wasm = compile_library(checkout, features, profile)?;
        generate(&wasm, &checkout.path(folder))?;
        read.append(&mut sources(checkout, &wasm)?);
    }
    write_package_json(checkout)?;
    write_manifest(checkout, &read)?;
    check_contents(checkout)?;
    check_size(checkout)
}

/// The package with everything, compiled for size; its folder.
pub fn build_whole_small(checkout: &Checkout) -> Result<PathBuf> {
    check_versions(checkout)?;
    tools::ensure_wasm_target(checkout)?;
    let wasm = compile_library(checkout, WHOLE_FEATURES, SMALL)?;
    let folder = wasm.with_extension("whole");
    generate(&wasm, &folder)?;
    Ok(folder)
}

fn compile_library(checkout: &Checkout, features: &str, profile: &str) -> Result<PathBuf> {
    let features = ["--no-default-features", "--features", features];
    compile(checkout, "tds-inversion", &features, profile)
}

/// Rebuilds `pkg/` unless it is what the sources give.
pub fn ensure_fresh(checkout: &Checkout) -> Result<()> {
    match stale(checkout)? {
        None => Ok(()),
        Some(reason) => {
            println!("rebuilding pkg/: {reason}");
            build(checkout)
        }
    }
}

/// An error unless `pkg/` is what the sources give.
pub fn check_fresh(checkout: &Checkout) -> Result<()> {
    match stale(checkout)? {
        None => Ok(()),
        Some(reason) => bail!("{reason}: run `cargo xtask build` and commit pkg/"),
    }
}

/// Rebuilds `pkg/` and compares it byte for byte with what was there.
pub fn reproduce(checkout: &Checkout) -> Result<()> {
    let before = outputs(checkout)?;
    let (old, new) = (built_with(checkout)?, compiler(checkout)?);
    ensure!(
        old == new,
        "pkg/ was built with {old}, but this is {new}: only the same compiler can reproduce it"
    );
    build(checkout)?;
    let after = outputs(checkout)?;
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let different: Vec<&str> =
        names.into_iter().filter(|name| before.get(*name) != after.get(*name)).map(String::as_str).collect();
    ensure!(different.is_empty(), "the rebuilt package differs in {}", different.join(", "));
    println!("pkg/ is reproduced byte for byte");
    Ok(())
}

/// The crate and the program that reads what it leaves behind speak a private format: one version.
fn check_versions(checkout: &Checkout) -> Result<()> {
    let lock = fs::read_to_string(checkout.path("Cargo.lock")).context("Cargo.lock")?;
    let versions = |package: &str| -> Vec<String> {
        let head = format!("name = \"{package}\"\nversion = \"");
        lock.split(&head).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
    };
    let (library, tool) = (versions("wasm-bindgen"), versions("wasm-bindgen-cli-support"));
    ensure!(
        library.len() == 1 && library == tool,
        "Cargo.lock has wasm-bindgen {} but wasm-bindgen-cli-support {}, expected one version of both: write the same `=` version into Cargo.toml and xtask/Cargo.toml",
        library.join(" and "),
        tool.join(" and ")
    );
    Ok(())
}

/// Writes the JavaScript for a compiled library, and the library stripped, into an emptied folder.
fn generate(wasm: &Path, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("could not clear {}", folder.display()))?;
    }
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(true)
        .omit_default_module_path(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .with_context(|| format!("wasm-bindgen could not write {}", folder.display()))
}

/// The package of the benchmarks, built like `pkg/`; its folder.
pub fn build_benches(checkout: &Checkout) -> Result<PathBuf> {
    tools::ensure_wasm_target(checkout)?;
    let wasm = compile(checkout, "tds-benches", &[], SMALL)?;
    let folder = wasm.with_extension("pkg");
    generate(&wasm, &folder)?;
    fs::write(folder.join("package.json"), "{ \"type\": \"module\" }\n")?;
    Ok(folder)
}

/// Compiles a library; the path of the WebAssembly that comes out.
fn compile(checkout: &Checkout, package: &str, features: &[&str], profile: &str) -> Result<PathBuf> {
    let flags = Value::from(remapped_paths(checkout)?);
    let mut cargo = checkout.cargo();
    cargo
        // As nothing but a cdylib: cargo optimises across crates only where no rlib is wanted as well.
        .args([
            "rustc",
            "--locked",
            "--lib",
            "--crate-type",
            "cdylib",
            "--package",
            package,
            "--profile",
            profile,
        ])
        .args(features)
        .args(["--target", WASM_TARGET, "--message-format", "json-render-diagnostics", "--config"])
        .arg(format!("target.{WASM_TARGET}.rustflags={flags}"));
    // Flags from outside would replace ours, and the output would depend on the machine.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS"] {
        cargo.env_remove(variable);
    }
    let messages = tools::output(cargo.stdin(Stdio::null()))?;
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == package.replace('-', "_"))
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|file| file.as_str().map(PathBuf::from))
        .find(|file| file.extension().is_some_and(|extension| extension == "wasm"))
        .context("cargo built no WebAssembly: the library's crate-type must include `cdylib`")
}

/// Compiler flags that take this machine's folders out of panic messages.
fn remapped_paths(checkout: &Checkout) -> Result<Vec<String>> {
    let metadata = tools::output(checkout.cargo().args([
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        WASM_TARGET,
    ]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata")?;
    let mut folders = BTreeMap::new();
    for package in metadata["packages"].as_array().context("cargo metadata lists no packages")? {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let shelf = manifest.parent().and_then(Path::parent).unwrap_or(checkout.root());
        if !manifest.starts_with(checkout.root()) {
            folders.insert(shelf.to_owned(), "crates".to_owned());
        }
    }
    let sysroot = tools::output(checkout.command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib").join("rustlib").join("src").join("rust");
    let verbose = tools::output(checkout.command("rustc").arg("-vV"))?;
    let commit = verbose.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    folders.insert(library, format!("/rustc/{commit}"));
    folders.insert(checkout.root().to_owned(), "tds-inversion".to_owned());
    Ok(folders.iter().map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display())).collect())
}

/// The files of the checkout that the compiler read, from the list that it leaves beside its output.
fn sources(checkout: &Checkout, wasm: &Path) -> Result<BTreeSet<String>> {
    let list = wasm.with_extension("d");
    let text = fs::read_to_string(&list).with_context(|| format!("could not read {}", list.display()))?;
    let read = text.lines().find_map(|line| line.split_once(": ")).map(|(_, read)| read);
    let read = read.with_context(|| format!("{} lists no sources", list.display()))?;
    let mut found: BTreeSet<String> = BUILD_FILES.iter().map(|&file| file.to_owned()).collect();
    // Names are separated by spaces; a space in a name is written `\ `.
    for name in read.replace("\\ ", "\0").split(' ').map(|name| name.replace('\0', " ")) {
        if let Ok(relative) = Path::new(&name).strip_prefix(checkout.root()) {
            found.insert(relative.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(found)
}

/// What makes `pkg/` a package: without `"type"` Node would not take its JavaScript for a module.
fn write_package_json(checkout: &Checkout) -> Result<()> {
    let package = json!({
        "name": "tds-inversion",
        "type": "module",
        "version": version(checkout)?,
        "license": "MIT OR Apache-2.0",
        "main": format!("{NAME}.js"),
        "types": format!("{NAME}.d.ts"),
        "files": [format!("{NAME}.js"), format!("{NAME}.d.ts"), format!("{NAME}_bg.wasm"), format!("{NAME}_bg.wasm.d.ts"), "whole", "readers"],
    });
    fs::write(checkout.path(FOLDER).join("package.json"), format!("{package:#}\n"))
        .context("pkg/package.json")
}

/// The version in Cargo.toml.
fn version(checkout: &Checkout) -> Result<String> {
    let manifest = fs::read_to_string(checkout.path("Cargo.toml")).context("Cargo.toml")?;
    let value = manifest.lines().find_map(|line| line.strip_prefix("version = \""));
    Ok(value.context("Cargo.toml has no version")?.trim_end_matches('"').to_owned())
}

/// The compiler, as the manifest names it.
fn compiler(checkout: &Checkout) -> Result<String> {
    Ok(tools::output(checkout.command("rustc").arg("--version"))?.trim().to_owned())
}

/// The compiler that built `pkg/`.
fn built_with(checkout: &Checkout) -> Result<String> {
    let text = fs::read_to_string(checkout.path(MANIFEST)).context(MANIFEST)?;
    let name = text.lines().find_map(|line| line.strip_prefix("# "));
    Ok(name.with_context(|| format!("{MANIFEST} names no compiler"))?.to_owned())
}

/// Name and digest of every file in `pkg/`, the manifest left out.
fn outputs(checkout: &Checkout) -> Result<BTreeMap<String, String>> {
    let mut digests = BTreeMap::new();
    for file in tools::files(&checkout.path(FOLDER)).context("pkg/")? {
        let name = file.strip_prefix(checkout.root())?.to_string_lossy().replace('\\', "/");
        if name != MANIFEST {
            digests.insert(name, tools::sha256(&fs::read(&file)?));
        }
    }
    Ok(digests)
}

fn write_manifest(checkout: &Checkout, sources: &BTreeSet<String>) -> Result<()> {
    let mut text = format!("# {}\n", compiler(checkout)?);
    for name in sources {
        let bytes = fs::read(checkout.path(name)).with_context(|| name.clone())?;
        text += &format!("{}  {name}\n", tools::sha256(&bytes));
    }
    for (name, digest) in outputs(checkout)? {
        text += &format!("{digest}  {name}\n");
    }
    fs::write(checkout.path(MANIFEST), text).context(MANIFEST)
}

/// Why `pkg/` is not what the sources give, if so.
fn stale(checkout: &Checkout) -> Result<Option<String>> {
    let Ok(text) = fs::read_to_string(checkout.path(MANIFEST)) else {
        return Ok(Some(format!("{MANIFEST} is missing")));
    };
    let mut listed = BTreeSet::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((digest, name)) = line.split_once("  ") else {
            return Ok(Some(format!("{MANIFEST} has a line that is not `digest  file`: {line}")));
        };
        if fs::read(checkout.path(name)).map(|bytes| tools::sha256(&bytes)).ok().as_deref() != Some(digest) {
            return Ok(Some(format!("{name} is not the file that {MANIFEST} lists")));
        }
        listed.insert(name);
    }
    let unlisted = outputs(checkout)?.into_keys().find(|name| !listed.contains(name.as_str()));
    Ok(unlisted.map(|name| format!("{name} is not listed in {MANIFEST}")))
}

/// No folder of the machine that built it, and no code made from text, is in the package.
pub fn check_contents(checkout: &Checkout) -> Result<()> {
    let mut forbidden: Vec<String> = ["home", "root", "Users", "tmp", "builds", "opt"]
        .iter()
        .map(|folder| format!("/{folder}/"))
        .collect();
    forbidden
        .extend([".cargo/", ".rustup/", "registry/src/", "target/wasm", ":\\Users\\"].map(str::to_owned));
    forbidden.push(checkout.root().to_string_lossy().into_owned());
    for name in outputs(checkout)?.into_keys() {
        let bytes = fs::read(checkout.path(&name)).with_context(|| name.clone())?;
        if let Some(folder) = forbidden.iter().find(|folder| contains(&bytes, folder)) {
            bail!("{name} contains `{folder}`, a path of the machine that built it: run `cargo xtask build`");
        }
        // The page's Content-Security-Policy forbids both.
        let is_code = name.ends_with(".js");
        if let Some(word) = ["eval(", "new Function("].iter().find(|word| is_code && contains(&bytes, word)) {
            bail!("{name} contains `{word}`: some crate has turned on the feature `unsafe-eval` of js-sys");
        }
    }
    Ok(())
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Prints what a visitor loads; an error above the limit.
pub fn check_size(checkout: &Checkout) -> Result<()> {
    let wasm = fs::read(checkout.path(FOLDER).join(format!("{NAME}_bg.wasm"))).context("pkg/")?;
    let script = fs::read(checkout.path(FOLDER).join(format!("{NAME}.js"))).context("pkg/")?;
    let (packed, packed_script) = (gzip_length(&wasm)?, gzip_length(&script)?);
    println!("WebAssembly {:>8} bytes, gzip {packed:>7} of at most {GZIP_LIMIT}", wasm.len());
    println!("JavaScript  {:>8} bytes, gzip {packed_script:>7}", script.len());
    ensure!(
        packed <= GZIP_LIMIT,
        "the gzipped WebAssembly has {packed} bytes, expected at most {GZIP_LIMIT}"
    );
    Ok(())
}

fn gzip_length(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}
