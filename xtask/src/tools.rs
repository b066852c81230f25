//! The programs that the commands call, and how to install the ones that are missing.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The oldest Node.js whose test runner has what the tests use.
const NODE_MINIMUM: (u32, u32) = (20, 10);

/// The oldest Python that the packages of `tests/python/requirements.txt` run on.
const PYTHON_MINIMUM: (u32, u32) = (3, 11);

/// Where browsers put themselves, best first; names are looked up in `PATH`.
const BROWSERS: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/// The folder that holds the workspace's `Cargo.toml`.
pub struct Checkout {
    root: PathBuf,
}

impl Checkout {
    /// The checkout that `cargo xtask` was called in.
    pub fn find() -> Result<Self> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("xtask is not inside a checkout")?.canonicalize()?;
        Ok(Checkout { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A command that will run at the top of the checkout.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// The cargo that runs this program.
    pub fn cargo(&self) -> Command {
        self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }
}

/// How a command reads in a message.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default();
    // What follows `--config` is long and names local folders.
    let arguments = command.get_args().take_while(|word| *word != "--config");
    let words = std::iter::once(program).chain(arguments);
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Runs a command to its end, its output going where ours goes; a failure is an error that names it.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("could not start `{}`", shown(command)))?;
    ensure!(status.success(), "`{}` failed ({status})", shown(command));
    Ok(())
}

/// What a command prints on its standard output; a failure is an error that names it.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("could not start `{}`", shown(command)))?;
    ensure!(output.status.success(), "`{}` failed ({})", shown(command), output.status);
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no text", shown(command)))
}

/// Replaces what stands between two lines of a file.
pub fn write_between(path: &Path, [begin, end]: [&str; 2], text: &str) -> Result<()> {
    let name = path.display();
    let old = std::fs::read_to_string(path).with_context(|| name.to_string())?;
    let (head, rest) = old.split_once(begin).with_context(|| format!("{name} has no line `{begin}`"))?;
    let (_, tail) = rest.split_once(end).with_context(|| format!("{name} has no line `{end}`"))?;
    std::fs::write(path, format!("{head}{begin}\n{text}{end}{tail}")).with_context(|| name.to_string())
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// The file of that name in `PATH`.
fn in_path(name: &str) -> Option<PathBuf> {
    let directories = std::env::var_os("PATH")?;
    let names = [name.to_owned(), format!("{name}{}", std::env::consts::EXE_SUFFIX)];
    std::env::split_paths(&directories)
        .flat_map(|directory| names.iter().map(move |name| directory.join(name)).collect::<Vec<_>>())
        .find(|file| file.is_file())
}

/// Adds the standard library for WebAssembly to the Rust toolchain, where it is missing.
pub fn ensure_wasm_target(checkout: &Checkout) -> Result<()> {
    let library =
        output(checkout.command("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    ensure!(
        in_path("rustup").is_some(),
        "the Rust target {WASM_TARGET} is missing and there is no rustup to add it: install Rust from https://rustup.rs, or the target with the package manager that Rust came from"
    );
    run(checkout.command("rustup").args(["target", "add", WASM_TARGET]))
}

/// Adds rustfmt or clippy to the Rust toolchain, where it is missing.
pub fn ensure_component(checkout: &Checkout, subcommand: &str, component: &str) -> Result<()> {
    let version = checkout.cargo().args([subcommand, "--version"]).output();
    if version.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    ensure!(
        in_path("rustup").is_some(),
        "`cargo {subcommand}` is missing and there is no rustup to add it: install the component {component}"
    );
    run(checkout.command("rustup").args(["component", "add", component]))
}

/// Node.js, new enough for the tests.
pub fn ensure_node(checkout: &Checkout) -> Result<PathBuf> {
    let (major, minor) = NODE_MINIMUM;
    let expected =
        format!("expected Node.js {major}.{minor} or newer with npm: install it from https://nodejs.org");
    let node = in_path("node").with_context(|| format!("there is no `node` on this machine, {expected}"))?;
    let version = output(checkout.command(&node).arg("--version"))?;
    let found = version_in(version.trim().trim_start_matches('v'));
    ensure!(found >= NODE_MINIMUM, "this machine has Node.js {}, {expected}", version.trim());
    Ok(node)
}

/// Major and minor number.
fn version_in(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A Python with the packages of `tests/python/requirements.txt`, in an environment of its own under `target/`.
pub fn ensure_python(checkout: &Checkout) -> Result<PathBuf> {
    ensure_python_with(checkout, "tests/python/requirements.txt", "target/python")
}

/// A Python with the packages of a list, in the environment `folder`.
pub fn ensure_python_with(checkout: &Checkout, packages: &str, folder: &str) -> Result<PathBuf> {
    let (major, minor) = PYTHON_MINIMUM;
    let expected = format!("expected Python {major}.{minor} or newer with venv and pip");
    let list = checkout.path(packages);
    let digest = sha256(&std::fs::read(&list).with_context(|| packages.to_owned())?);
    let folder = checkout.path(folder);
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let (python, stamp) = (folder.join(inside), folder.join("installed.sha256"));
    if python.is_file() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == digest) {
        return Ok(python);
    }
    let system = in_path("python3").or_else(|| in_path("python"));
    let system = system.with_context(|| format!("there is no `python3` on this machine, {expected}"))?;
    let version = output(checkout.command(&system).arg("--version"))?;
    let found = version_in(version.trim().trim_start_matches("Python "));
    ensure!(found >= PYTHON_MINIMUM, "this machine has {}, {expected}", version.trim());
    run(checkout.command(&system).args(["-m", "venv", "--clear"]).arg(&folder)).with_context(|| {
        format!("no environment of Python could be made, {expected} (on Debian `python3-venv`)")
    })?;
    run(checkout.command(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&list))?;
    std::fs::write(&stamp, digest).with_context(|| format!("could not write {}", stamp.display()))?;
    Ok(python)
}

/// Installs the packages of `tests/package-lock.json` when that file has changed since the last time.
pub fn ensure_npm_packages(checkout: &Checkout) -> Result<()> {
    let lock = std::fs::read(checkout.path("tests/package-lock.json")).context("tests/package-lock.json")?;
    let stamp = checkout.path("tests/node_modules/.installed.sha256");
    let digest = sha256(&lock);
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == digest) {
        return Ok(());
    }
    let npm = in_path(if cfg!(windows) { "npm.cmd" } else { "npm" })
        .context("there is no `npm` on this machine: install Node.js with npm from https://nodejs.org")?;
    run(checkout.command(npm).args(["ci", "--no-audit", "--no-fund"]).current_dir(checkout.path("tests")))?;
    std::fs::write(&stamp, digest).with_context(|| format!("could not write {}", stamp.display()))
}

/// A Firefox for the tests, where there is one: named by `FIREFOX`, or in `PATH`.
pub fn firefox() -> Option<PathBuf> {
    let named = std::env::var_os("FIREFOX").map(PathBuf::from).filter(|program| program.is_file());
    named.or_else(|| ["firefox", "firefox-esr"].iter().find_map(|name| in_path(name)))
}

/// A browser for the tests: the one named by `CHROMIUM`, one already there, or Debian's, installed now.
pub fn ensure_chromium(checkout: &Checkout) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        let program = if named.is_file() { Some(named.clone()) } else { named.to_str().and_then(in_path) };
        return program.with_context(|| format!("CHROMIUM names {}, which does not exist", named.display()));
    }
    let find = || {
        BROWSERS.iter().find_map(|name| {
            let file = Path::new(name);
            if file.is_absolute() { file.is_file().then(|| file.to_owned()) } else { in_path(name) }
        })
    };
    if let Some(browser) = find() {
        return Ok(browser);
    }
    let apt = in_path("apt-get");
    let is_root = in_path("id").is_some()
        && output(checkout.command("id").arg("-u")).is_ok_and(|number| number.trim() == "0");
    let (Some(apt), true) = (apt, is_root) else {
        bail!(
            "the browser tests need Chromium or Chrome and found none: install it (on Debian `apt-get install chromium`, as root), or name one in the environment variable CHROMIUM"
        );
    };
    println!("installing Chromium from Debian's packages");
    run(checkout.command(&apt).arg("update"))?;
    run(checkout
        .command(&apt)
        .args(["install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"])
        .env("DEBIAN_FRONTEND", "noninteractive"))?;
    find().context("the package `chromium` was installed, but no browser has appeared in PATH")
}
