//! A server for the checkout, on this machine only: static files, correct types, nothing cached.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use percent_encoding::percent_decode_str;

use crate::pkg;
use crate::tools::Checkout;

/// Where the search for a free port begins, and how many are tried.
const FIRST_PORT: u16 = 8080;
const PORTS: u16 = 40;

/// Longest head of a request, bytes, and how long it may take to arrive.
const LONGEST_HEAD: usize = 1 << 16;
const PATIENCE: Duration = Duration::from_secs(60);

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
    let listener = match port {
        Some(port) => bind(port).with_context(|| format!("port {port} is not free: name another one"))?,
        None => (FIRST_PORT..FIRST_PORT + PORTS)
            .find_map(|port| bind(port).ok())
            .map_or_else(|| bind(0), Ok)
            .context("no free port was found")?,
    };
    let port = listener.local_addr().context("the server has no address")?.port();
    let root = checkout.root().to_owned();
    std::thread::spawn(move || {
        // A thread for each connection: a browser opens several at once and leaves some idle, and none
        // of them may wait for another.
        for stream in listener.incoming().flatten() {
            let root = root.clone();
            std::thread::spawn(move || {
                // A browser that has gone away is no concern of ours.
                let _ = converse(&root, stream);
            });
        }
    });
    Ok(format!("http://127.0.0.1:{port}"))
}

fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port))
}

/// Reads one request, answers it and closes.
fn converse(root: &Path, mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let (mut head, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => head.extend_from_slice(&buffer[..n]),
        }
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let answer = match request.parse(&head) {
            Ok(status) if status.is_partial() && head.len() < LONGEST_HEAD => continue,
            Ok(httparse::Status::Complete(_)) => {
                answer(root, request.method.unwrap_or_default(), request.path.unwrap_or_default())
            }
            _ => Answer::sentence("400 Bad Request", "This is no request."),
        };
        return answer.write(&mut stream, request.method != Some("HEAD"));
    }
}

/// What goes back.
struct Answer {
    status: &'static str,
    /// Lines that not every answer has.
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn sentence(status: &'static str, text: &str) -> Self {
        Answer { status, headers: "Content-Type: text/plain; charset=utf-8\r\n".into(), body: text.into() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        // An address is the only value that comes from outside.
        let value: String = value.chars().filter(|c| !c.is_control()).collect();
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    fn write(&self, stream: &mut TcpStream, with_body: bool) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 {}\r\n{}Content-Length: {}\r\nCache-Control: no-store\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n",
            self.status,
            self.headers,
            self.body.len()
        );
        stream.write_all(head.as_bytes())?;
        if with_body {
            stream.write_all(&self.body)?;
        }
        stream.flush()
    }
}

fn answer(root: &Path, method: &str, url: &str) -> Answer {
    if !matches!(method, "GET" | "HEAD") {
        let refusal = Answer::sentence("405 Method Not Allowed", "Only GET and HEAD are answered here.");
        return refusal.with("Allow", "GET, HEAD");
    }
    match locate(root, url) {
        Place::File(path) => match fs::read(&path) {
            Ok(body) => {
                Answer { status: "200 OK", headers: String::new(), body }.with("Content-Type", mime(&path))
            }
            Err(_) => Answer::sentence("404 Not Found", "There is no such file."),
        },
        Place::Elsewhere(address) => {
            Answer::sentence("307 Temporary Redirect", "Elsewhere.").with("Location", &address)
        }
        Place::Nowhere => Answer::sentence("404 Not Found", "There is no such file."),
    }
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
    fn idle_connections_keep_nobody_waiting() {
        let root = checkout();
        let address = start(&root, None).expect("a server");
        let idle: Vec<TcpStream> = (0..40)
            .map(|_| TcpStream::connect(address.trim_start_matches("http://")).expect("a server"))
            .collect();
        let (head, _) = ask(&address, "GET", "/tests/package.json");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        drop(idle);
    }

    #[test]
    fn modules_and_wasm_have_the_types_browsers_insist_on() {
        assert_eq!(mime(Path::new("a.js")), "text/javascript; charset=utf-8");
        assert_eq!(mime(Path::new("a.wasm")), "application/wasm");
    }
}
