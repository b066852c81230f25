//! How fast the kernels are: the same work native (criterion) and as WebAssembly under Node.js; what helpers are worth
//! in the page, and how soon it answers a hand; and how it takes a large volume.

use anyhow::Result;

use crate::check::heading;
use crate::pkg;
use crate::tests;
use crate::tools::{self, Checkout};

pub fn run(checkout: &Checkout) -> Result<()> {
    heading("native");
    tools::run(checkout.cargo().args([
        "bench",
        "--locked",
        "--package",
        "tds-benches",
        "--bench",
        "kernels",
    ]))?;

    heading("WebAssembly");
    let node = tools::ensure_node(checkout)?;
    let package = pkg::build_benches(checkout)?;
    tools::run(checkout.command(&node).arg("tests/node/bench.js").arg(package))?;

    heading("the page, with one core and with two");
    let mut command = checkout.command(&node);
    command.arg("tests/bench/crew.js");
    tools::run(&mut tests::with_browser(checkout, command)?)?;

    heading("the page, a spring under the hand");
    let mut command = checkout.command(node);
    command.arg("tests/bench/slider.js");
    tools::run(&mut tests::with_browser(checkout, command)?)
}

/// A volume of 401 × 401 × 401 voxels, made once, opened and fitted in the page.
pub fn large_volume(checkout: &Checkout) -> Result<()> {
    let file = checkout.path("target/large-volume.nxs");
    if !file.is_file() {
        heading("a volume of 401 × 401 × 401 voxels");
        let python = tools::ensure_python(checkout)?;
        tools::run(checkout.command(python).arg("tests/python/large_volume.py").arg(&file))?;
    }
    let mut command = checkout.command(tools::ensure_node(checkout)?);
    command.arg("tests/bench/volume.js").arg(file);
    let mut command = tests::with_browser(checkout, command)?;
    heading("the volume in the page");
    tools::run(&mut command)
}
