//! Access logs as the products write them.

use crate::decimal::Decimal;
use crate::scenario::LogFormat;
use crate::world::{AccessLine, World};

/// A line of a node's access log in the node's own format; `None` when it keeps no log.
///
/// Times count from the start of the run, since a run has no date.
pub fn access_line(line: &AccessLine, world: &World) -> Option<String> {
    let format = world.log_format(line.node)?;
    let (method, path) = (world.class_method(line.class).as_str(), world.class_path(line.class));
    let (bytes, status, client) = (world.class_response_size(line.class), line.status, line.client);
    let name = |id| world.spec().node(id).name.as_str();
    let upstream = line.upstream.map_or("-", name);
    Some(match format {
        LogFormat::Nginx => format!("{client} - - [{}] \"{method} {path} HTTP/1.1\" {status} {bytes} \"-\" \"-\"", line.at),
        LogFormat::Haproxy => {
            let took = (line.took.as_micros() + 500) / 1_000;
            format!("{client} [{}] {} {upstream} {took} {status} {bytes} \"{method} {path} HTTP/1.1\"", line.at, name(line.node))
        }
        LogFormat::Json => format!(
            "{{\"t\":\"{}\",\"client\":\"{client}\",\"method\":\"{method}\",\"path\":\"{}\",\"status\":{status},\"ms\":{},\"upstream\":\"{upstream}\"}}",
            line.at,
            escaped(path),
            Decimal(line.took.as_millis_f64())
        ),
    })
}

/// A text as it stands between the quotes of a JSON string (RFC 8259 section 7).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            _ if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out
}
