//! The page as one HTML file. Browsers import no module from a disk, so that esbuild makes one text of the modules of
//! the page and one of those of each worker. These, the packages and the examples lie compressed in the file, as
//! text of base 85; `start.js` unpacks them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Files, INDEX, SERVICE_WORKER, attribute, linked, replace_once, spans, text};
use crate::tools::{self, Checkout};

/// The most that the file may have, bytes.
pub const LIMIT: usize = 3_000_000;

const MAIN: &str = "www/main.js";
const AHEAD: &str = "www/engine/ahead.js";
const OPENING: &str = "www/opening.js";
const START: &str = include_str!("start.js");
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"";

/// The package that does all that the first one does takes its place: there is nothing to be loaded later.
const FIRST: &str = "pkg/tds_inversion";
const WHOLE: &str = "pkg/whole/tds_inversion";

/// What lies in the file beside its markup.
struct Part {
    name: String,
    mime: &'static str,
    bytes: Vec<u8>,
    /// Of a worker: those that it starts itself.
    starts: Option<Vec<String>>,
    /// Another name for the same.
    also: Option<String>,
}

/// The file.
pub fn of(checkout: &Checkout, files: &Files) -> Result<String> {
    let page = text(files, INDEX)?;
    let (main, mut parts) = bundled(checkout, files)?;
    parts.extend(assets(files, page));
    let (opening, styles) = (text(files, OPENING)?, styles(files, page)?);

    let mut policy = String::from("default-src 'none'; script-src");
    for script in [opening, START, &main] {
        policy += &format!(" {}", source(script));
    }
    policy += &format!(
        " 'wasm-unsafe-eval'; worker-src blob:; connect-src blob:; style-src {} blob:; img-src data: blob:; \
         base-uri 'none'; form-action 'none'",
        source(&styles)
    );
    let head = parts_head(&main, &parts)?;
    let mut bytes = u32::try_from(head.len())?.to_be_bytes().to_vec();
    bytes.extend(head);
    bytes.extend(main.as_bytes());
    for part in &parts {
        bytes.extend(&part.bytes);
    }
    let (length, packed) = packed(&bytes)?;

    let links = spans(page, "<link ", ">").into_iter();
    let (icons, others): (Vec<&str>, Vec<&str>) =
        links.partition(|tag| attribute(tag, "rel") == Some("icon"));
    let mut out = page.to_owned();
    for tag in others {
        out = replace_once(&out, tag, "", INDEX)?;
    }
    let lines: Vec<&str> = out.lines().filter(|line| !line.trim().is_empty()).collect();
    // From here on nothing changes any more in what the policy has the digests of.
    out = lines.join("\n") + "\n";
    for tag in spans(page, POLICY, "\">") {
        out = replace_once(&out, tag, &format!("{POLICY}{policy}\">"), INDEX)?;
    }
    out = replace_once(&out, "<html ", "<html data-single ", INDEX)?;
    for tag in icons {
        let name = attribute(tag, "href").and_then(linked).context("the icon of the page has no address")?;
        let icon = BASE64.encode(text(files, &name)?);
        let there = format!(
            "<link rel=\"icon\" href=\"data:image/svg+xml;base64,{icon}\">\n  <style>{styles}</style>"
        );
        out = replace_once(&out, tag, &there, INDEX)?;
    }
    for tag in spans(page, "<script ", "</script>") {
        let there = match attribute(tag, "src").and_then(linked).as_deref() {
            Some(OPENING) => format!("<script>{opening}</script>"),
            // What lies in the file is unpacked once the page stands; the first module is part of the other.
            Some(MAIN | AHEAD) => String::new(),
            _ => bail!("{INDEX} has a script that the single file does not know: {tag}"),
        };
        out = replace_once(&out, tag, &there, INDEX)?;
    }
    let scripts = format!(
        "<script type=\"text/plain\" id=\"packed\" data-length=\"{length}\">{packed}</script>\n<script>{START}</script>\n</body>"
    );
    replace_once(&out, "</body>", &scripts, INDEX)
}

/// What a policy says of a script or a style that stands in the page.
fn source(text: &str) -> String {
    format!("'sha256-{}'", BASE64.encode(Sha256::digest(text.as_bytes())))
}

/// What comes one after the other, as JSON.
fn parts_head(main: &str, parts: &[Part]) -> Result<Vec<u8>> {
    let mut list = vec![json!({ "name": "page", "type": "text/javascript", "length": main.len() })];
    for Part { name, mime, bytes, starts, also } in parts {
        list.push(
            json!({ "name": name, "type": mime, "length": bytes.len(), "starts": starts, "also": also }),
        );
    }
    Ok(serde_json::to_vec(&list)?)
}

/// Compressed, and in base 85 without the character that could end a script. The length is that before the text.
fn packed(bytes: &[u8]) -> Result<(usize, String)> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    let mut packed = encoder.finish()?;
    let length = packed.len();
    packed.resize(length.next_multiple_of(4), 0);
    Ok((length, z85::encode(packed).replace('<', "_")))
}

/// The styles that the page links to, in their order.
fn styles(files: &Files, page: &str) -> Result<String> {
    let mut out = String::new();
    for name in linked_styles(page) {
        let text = text(files, &name)?;
        ensure!(
            !text.contains("url(") && !text.contains("@import") && !text.contains("</"),
            "{name} refers to other files, which the single file does not know how to hold"
        );
        out += text;
    }
    Ok(out)
}

fn linked_styles(page: &str) -> Vec<String> {
    let tags = spans(page, "<link ", ">").into_iter();
    let sheets = tags.filter(|tag| attribute(tag, "rel") == Some("stylesheet"));
    sheets.filter_map(|tag| attribute(tag, "href").and_then(linked)).collect()
}

/// What the modules fetch: examples, packages, styles that are loaded later.
fn assets(files: &Files, page: &str) -> Vec<Part> {
    let linked = linked_styles(page);
    let mut parts = Vec::new();
    for (name, bytes) in files {
        let mime = match name.rsplit('.').next() {
            Some("json") => "application/json",
            Some("css") if !linked.contains(name) => "text/css",
            Some("wasm") if !name.starts_with(FIRST) => "application/wasm",
            Some("svg") => "image/svg+xml",
            Some("png") => "image/png",
            Some("html") if name != INDEX => "text/html",
            Some("js" | "html" | "css" | "wasm") => continue,
            _ => "text/plain",
        };
        let also = name.strip_prefix(WHOLE).map(|rest| format!("{FIRST}{rest}"));
        parts.push(Part { name: name.clone(), mime, bytes: bytes.clone(), starts: None, also });
    }
    parts
}

/// The text of the page's modules, and of every worker, those that others start first.
fn bundled(checkout: &Checkout, files: &Files) -> Result<(String, Vec<Part>)> {
    let folder = checkout.path("target/dist");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("target/dist")?;
    }
    let sources = folder.join("sources");
    let mut workers = BTreeSet::new();
    for (name, _) in files.iter().filter(|(name, _)| name.ends_with(".js")) {
        let (mut module, started) = rewritten(name, text(files, name)?)?;
        workers.extend(started);
        if name == &format!("{FIRST}.js") {
            module = "export * from \"./whole/tds_inversion.js\";\nexport { default } from \"./whole/tds_inversion.js\";\n".into();
        }
        super::write(&sources.join(name), module.as_bytes())?;
    }
    ensure!(!workers.contains(SERVICE_WORKER), "{SERVICE_WORKER} is no worker of a page from a disk");
    let entries = std::iter::once((MAIN, "esm")).chain(workers.iter().map(|name| (name.as_str(), "iife")));
    let builds: Vec<Value> = entries
        .map(|(name, format)| {
            json!({
                "entryPoints": [sources.join(name)], "outfile": folder.join(name), "format": format,
                "bundle": true, "minify": true, "charset": "utf8", "target": "es2023", "legalComments": "none",
                "logLevel": "warning",
            })
        })
        .collect();
    let node = tools::ensure_node(checkout)?;
    tools::ensure_npm_packages(checkout)?;
    let script = "const { buildSync } = require('./tests/node_modules/esbuild'); JSON.parse(process.argv[1]).forEach((build) => buildSync(build));";
    tools::run(checkout.command(node).args(["-e", script, &serde_json::to_string(&builds)?]))?;

    let read = |name: &str| fs::read_to_string(folder.join(name)).with_context(|| name.to_owned());
    let texts =
        workers.iter().map(|name| Ok((name.clone(), read(name)?))).collect::<Result<BTreeMap<_, _>>>()?;
    Ok((read(MAIN)?, in_order(texts)?))
}

/// Workers, each behind those that it starts.
fn in_order(mut left: BTreeMap<String, String>) -> Result<Vec<Part>> {
    let names: Vec<String> = left.keys().cloned().collect();
    let mut parts: Vec<Part> = Vec::new();
    while !left.is_empty() {
        let starts = |text: &str| -> Vec<String> {
            names.iter().filter(|name| text.contains(&format!("/{name}"))).cloned().collect()
        };
        let ready = |text: &str| starts(text).iter().all(|name| parts.iter().any(|part| &part.name == name));
        let Some(name) = left.iter().find(|(_, text)| ready(text)).map(|(name, _)| name.clone()) else {
            bail!("these workers start each other: {}", left.keys().cloned().collect::<Vec<_>>().join(", "));
        };
        let text = left.remove(&name).unwrap_or_default();
        let starts = Some(starts(&text));
        parts.push(Part { name, mime: "text/javascript", bytes: text.into_bytes(), starts, also: None });
    }
    Ok(parts)
}

/// A module that asks `packed` for what it has an address of in a folder, and the scripts that it so names: workers.
fn rewritten(name: &str, module: &str) -> Result<(String, Vec<String>)> {
    const BEGIN: &str = "new URL(";
    const END: &str = ", import.meta.url)";
    let mut out = String::new();
    let mut scripts = Vec::new();
    let mut rest = module;
    while let Some(at) = rest.find(END) {
        let Some(begin) = rest[..at].rfind(BEGIN) else { break };
        let path = &rest[begin + BEGIN.len()..at];
        out += &rest[..begin];
        let literal = path.trim_matches(['"', '\'']);
        let is_script = literal.ends_with(".js") && literal.len() + 2 == path.len();
        if is_script {
            let script = resolved(name, literal)?;
            out += &format!("packed(\"/{script}\", \"{name}\")");
            scripts.push(script);
        } else {
            out += &format!("packed({path}, \"{name}\")");
        }
        rest = &rest[at + END.len()..];
    }
    out += rest;
    ensure!(
        !out.contains("import.meta"),
        "{name}: import.meta other than in `new URL(…, import.meta.url)`, which the single file does not know how to hold"
    );
    Ok((out, scripts))
}

/// The file that a path relative to another one means.
fn resolved(from: &str, path: &str) -> Result<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => ensure!(parts.pop().is_some(), "{from} names {path}, which lies outside the checkout"),
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_module_become_names() {
        let module = "const a = new URL(\"./worker.js\", import.meta.url);\nfetch(new URL(`../../pkg/${x}`, import.meta.url));";
        let (text, workers) = rewritten("www/engine/crew.js", module).expect("a module");
        assert_eq!(workers, ["www/engine/worker.js"]);
        assert_eq!(
            text,
            "const a = packed(\"/www/engine/worker.js\", \"www/engine/crew.js\");\nfetch(packed(`../../pkg/${x}`, \"www/engine/crew.js\"));"
        );
        assert!(rewritten("a.js", "console.log(import.meta.url)").is_err());
        assert!(rewritten("a.js", "new Worker(\"../../x.js\", import.meta.url)").is_err());
    }

    #[test]
    fn workers_stand_behind_those_that_they_start() {
        let texts = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let parts = in_order(texts(&[("a.js", "packed(\"/b.js\")"), ("b.js", "")])).expect("an order");
        assert_eq!(parts.iter().map(|part| part.name.as_str()).collect::<Vec<_>>(), ["b.js", "a.js"]);
        assert_eq!(parts[1].starts, Some(vec!["b.js".to_owned()]));
        assert!(in_order(texts(&[("a.js", "/b.js"), ("b.js", "/a.js")])).is_err());
    }

    #[test]
    fn nothing_of_what_is_packed_ends_a_script() {
        let bytes: Vec<u8> = (0..=255u8).cycle().take(4099).collect();
        let (length, text) = packed(&bytes).expect("packed");
        assert_eq!(text.len(), length.div_ceil(4) * 5);
        assert!(!text.contains('<') && !text.contains('\n'));
    }
}
