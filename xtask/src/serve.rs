//! A server for the checkout, on this machine only: static files, correct types, nothing cached.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;
use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::pkg;
use crate::tools::Checkout;

/// Where the search for a free port begins, and how many are tried.
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 40;

/// Requests answered at the same time: a page with its pool of workers asks for many files at once.
const THREADS: usize = 8;

type Body = Box<dyn Read + Send>;

/// Serves the page until the process is ended.
pub fn run(checkout: &Checkout, port: Option<u16>) -> Result<()> {
    pkg::ensure_fresh(checkout)?;
    let address = start(checkout, port)?;
    println!("\nTDS Inversion is at {address}/www/ (Ctrl+C ends it)");
    loop {
        std::thread::park();
    }
}

/// Serves the checkout from threads of its own; the address, such as `http://127.0.0.1:8080`.
pub fn start(checkout: &Checkout, port: Option<u16>) -> Result<String> {
    let server = Arc::new(match port {
        Some(port) => bind(port).with_context(|| format!("port {port} is not free: name another one"))?,
        None => (FIRST_PORT..FIRST_PORT + PORTS)
            .find_map(|port| bind(port).ok())
            .map_or_else(|| bind(0), Ok)
            .context("no free port was found")?,
    });
    let port = server.server_addr().to_ip().context("the server has no address")?.port();
    for _ in 0..THREADS {
        let (server, root) = (Arc::clone(&server), checkout.root().to_owned());
        std::thread::spawn(move || {
            while let Ok(request) = server.recv() {
                // A browser that has gone away is no concern of ours.
                let _ = answer(&root, request);
            }
        });
    }
    Ok(format!("http://127.0.0.1:{port}"))
}

fn bind(port: u16) -> Result<Server> {
    Server::http(("127.0.0.1", port)).map_err(|error| anyhow::anyhow!("{error}"))
}

fn answer(root: &Path, request: Request) -> io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(
            sentence(405, "Only GET and HEAD are answered here.").with_header(header("Allow", "GET, HEAD")),
        );
    }
    let response = match locate(root, request.url()) {
        Place::File(path) => match File::open(&path) {
            Ok(file) => Response::from_file(file).with_header(header("Content-Type", mime(&path))).boxed(),
            Err(_) => sentence(404, "There is no such file."),
        },
        Place::Elsewhere(address) => sentence(307, "Elsewhere.").with_header(header("Location", &address)),
        Place::Nowhere => sentence(404, "There is no such file."),
    };
    let response = response
        .with_chunked_threshold(usize::MAX)
        .with_header(header("Cache-Control", "no-store"))
        .with_header(header("X-Content-Type-Options", "nosniff"));
    request.respond(response)
}

fn sentence(status: u16, text: &str) -> Response<Body> {
    Response::from_string(text).with_status_code(StatusCode(status)).boxed()
}

fn header(name: &str, value: &str) -> Header {
    let made = Header::from_bytes(name, value);
    made.unwrap_or_else(|()| Header::from_bytes("X-Unsendable", name).expect("an ASCII header"))
}

#[derive(Debug, PartialEq)]
enum Place {
    File(PathBuf),
    Elsewhere(String),
    Nowhere,
}

/// The file that an address means. Nothing outside the checkout and nothing hidden is served.
fn locate(root: &Path, url: &str) -> Place {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if path == "/" {
        return Place::Elsewhere("/www/".to_owned());
    }
    let Ok(name) = percent_decode_str(path.trim_start_matches('/')).decode_utf8() else {
        return Place::Nowhere;
    };
    let is_plain =
        |part: Component| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.'));
    if name.contains(['\\', '\0', ':']) || !Path::new(&*name).components().all(is_plain) {
        return Place::Nowhere;
    }
    // Links are followed before the last look at where the file lies.
    let Ok(file) = root.join(&*name).canonicalize() else { return Place::Nowhere };
    match file {
        file if !file.starts_with(root) => Place::Nowhere,
        file if file.is_file() => Place::File(file),
        folder if !path.ends_with('/') => {
            if folder.is_dir() {
                Place::Elsewhere(format!("{path}/"))
            } else {
                Place::Nowhere
            }
        }
        folder => {
            let index = folder.join("index.html");
            if index.is_file() { Place::File(index) } else { Place::Nowhere }
        }
    }
}

/// Browsers refuse modules and streamed WebAssembly that carry another type.
fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/vnd.microsoft.icon",
        "csv" => "text/csv; charset=utf-8",
        "npy" | "npz" | "h5" | "nxs" | "tif" | "tiff" | "gz" => "application/octet-stream",
        _ => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::TcpStream;

    fn checkout() -> Checkout {
        Checkout::find().expect("cargo sets CARGO_MANIFEST_DIR")
    }

    #[test]
    fn files_of_the_checkout_are_found() {
        let root = checkout();
        assert_eq!(locate(root.root(), "/Cargo.toml?x#y"), Place::File(root.path("Cargo.toml")));
        assert_eq!(locate(root.root(), "/src%2Flib.rs"), Place::File(root.path("src/lib.rs")));
        assert_eq!(locate(root.root(), "/src"), Place::Elsewhere("/src/".to_owned()));
        assert_eq!(locate(root.root(), "/"), Place::Elsewhere("/www/".to_owned()));
    }

    #[test]
    fn nothing_else_is_found() {
        let root = checkout();
        for url in [
            "/../etc/passwd",
            "/%2e%2e/etc/passwd",
            "/src/../Cargo.toml",
            "/src/%2e%2e/Cargo.toml",
            "//etc/passwd",
            "/.git/HEAD",
            "/.cargo/config.toml",
            "/src\\lib.rs",
            "/C:/Windows/win.ini",
            "/%ff",
            "/%00",
            "/missing",
            "/src/",
        ] {
            assert_eq!(locate(root.root(), url), Place::Nowhere, "{url}");
        }
    }

    /// Sends one request; the head of the answer and its body.
    fn ask(address: &str, method: &str, path: &str) -> (String, String) {
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("a server");
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        (head.to_owned(), body.to_owned())
    }

    #[test]
    fn answers_carry_type_and_no_caching() {
        let root = checkout();
        let address = start(&root, None).expect("a server");
        let (head, body) = ask(&address, "GET", "/tests/package.json");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        assert!(
            head.contains("Content-Type: application/json") && head.contains("Cache-Control: no-store"),
            "{head}"
        );
        assert_eq!(body, std::fs::read_to_string(root.path("tests/package.json")).expect("the file"));

        let (head, body) = ask(&address, "HEAD", "/tests/package.json");
        assert!(head.starts_with("HTTP/1.1 200") && body.is_empty(), "{head}");
        let (head, _) = ask(&address, "POST", "/tests/package.json");
        assert!(head.starts_with("HTTP/1.1 405"), "{head}");
        let (head, _) = ask(&address, "GET", "/missing");
        assert!(head.starts_with("HTTP/1.1 404"), "{head}");
    }

    #[test]
    fn modules_and_wasm_have_the_types_browsers_insist_on() {
        assert_eq!(mime(Path::new("a.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("a.wasm")), "application/wasm");
    }
}
