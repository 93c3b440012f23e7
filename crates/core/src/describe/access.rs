//! Access logs as the products write them.

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
            let took = line.took.as_millis_f64().round();
            format!("{client} [{}] {} {upstream} {took} {status} {bytes} \"{method} {path} HTTP/1.1\"", line.at, name(line.node))
        }
        LogFormat::Json => format!(
            "{{\"t\":\"{}\",\"client\":\"{client}\",\"method\":\"{method}\",\"path\":{:?},\"status\":{status},\"ms\":{},\"upstream\":\"{upstream}\"}}",
            line.at,
            path,
            line.took.as_millis_f64()
        ),
    })
}
