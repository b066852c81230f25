//! How fast the kernels are: the same work native (criterion) and as WebAssembly under Node.js; and what
//! helpers are worth in the page.

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
    let mut command = checkout.command(node);
    command.arg("tests/bench/crew.js");
    tools::run(&mut tests::with_browser(checkout, command)?)
}
