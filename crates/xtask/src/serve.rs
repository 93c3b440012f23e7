//! `cargo xtask serve`: the whole site on loopback, rebuilt when a file changes.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::site::{self, Profile};
use crate::toolbox::Toolbox;
use crate::tools::SITE;

/// The port that is tried first, so that the address stays the same from day to day.
const USUAL_PORT: u16 = 8080;

/// Builds and serves until stopped; the address is printed when it answers.
pub(crate) fn serve(tools: &mut Toolbox, profile: Profile, port: Option<u16>) -> Result<(), Failure> {
    tools.prepare(SITE)?;
    let port = match port {
        Some(port) => port,
        None => free_port()?,
    };
    let text = port.to_string();
    announcer(tools, &text)?;
    site::trunk(tools, "serve")
        .args(profile.switch())
        // Pages come as visitors get them: live reload would be an inline script in one page.
        .args(["--no-autoreload", "true"])
        // Other names of this machine would only bury the one address that counts.
        .args(["--disable-address-lookup", "true"])
        .args(["--address", "127.0.0.1", "--port", &text])
        .become_it()
}

/// Starts ourselves again to wait for the site. Trunk can then take over this process, and ending
/// it ends the server.
fn announcer(tools: &Toolbox, port: &str) -> Result<(), Failure> {
    let own = std::env::current_exe().map_err(|source| Failure::Start { command: "cargo xtask serve".to_owned(), source })?;
    let parent = std::process::id().to_string();
    tools.program_at(&own).args(["announce", port, &parent]).start()?;
    Ok(())
}

/// Waits until the site answers, prints its address as the last line, and ends. `parent` is the
/// process that serves: when it is gone there is nothing to wait for.
pub(crate) fn announce(port: u16, parent: u32) {
    while is_parent(parent) {
        if answers(port) {
            println!("\nHopscope is at http://127.0.0.1:{port}/");
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
}

#[cfg(unix)]
fn is_parent(process: u32) -> bool {
    std::os::unix::process::parent_id() == process
}

#[cfg(not(unix))]
fn is_parent(_process: u32) -> bool {
    true
}

/// Whether the home page comes back with status 200.
fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    ask().is_ok_and(|line| line.split(' ').nth(1) == Some("200"))
}

/// The usual port, or any other when that one is taken.
fn free_port() -> Result<u16, Failure> {
    [USUAL_PORT, 0]
        .iter()
        .find_map(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok())
        .and_then(|listener| listener.local_addr().ok())
        .map(|address| address.port())
        .ok_or_else(|| Failure::Check("No port of 127.0.0.1 is free to serve on.".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::answers;

    /// A server that gives each visitor one of the answers, in order.
    fn server(replies: &'static [&'static str]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || {
            for reply in replies {
                let (mut stream, _) = listener.accept().expect("a visitor");
                let mut request = [0; 256];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        port
    }

    #[test]
    fn only_a_page_counts_as_an_answer() {
        let port = server(&["HTTP/1.0 404 Not Found\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n"]);
        assert!(!answers(port), "404 is not the site");
        assert!(answers(port));
    }
}
