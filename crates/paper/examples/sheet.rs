//! Draws a made-up certificate, to look at: `cargo run -p hopscope-paper --example sheet -- "Ada Lovelace" 7 a4 > sheet.svg`.

use hopscope_core::certificate::Issued;
use hopscope_paper::{Paper, Sheet, qr, svg};

const LESSONS: [&str; 18] = [
    "What reverse proxies do",
    "Layer 4 vs Layer 7",
    "Balancing algorithms",
    "Connection pooling",
    "TLS termination",
    "Request routing",
    "API gateway",
    "Health and failover",
    "Sticky sessions",
    "Rate limiting",
    "Rollouts and draining",
    "Proxy caching",
    "CDN edge",
    "DNS and global balancing",
    "Anycast and delivery modes",
    "Trace a request",
    "Incident room",
    "Config review",
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_else(|| "Ada Lovelace".to_owned());
    let count = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1usize).clamp(1, 18);
    let paper = if arguments.next().as_deref() == Some("letter") { Paper::Letter } else { Paper::A4 };
    let what = if count == 1 { format!("the lesson \"{}\"", LESSONS[0]) } else { format!("{count} lessons") };
    let issued = Issued {
        title: "Hopscope: production traffic, hop by hop".to_owned(),
        name,
        lines: vec![
            format!("for finishing {what}"),
            "on how production traffic flows:".to_owned(),
            "predicting, breaking and repairing the path".to_owned(),
            "from a browser to a backend.".to_owned(),
        ],
        lessons: LESSONS[..count].iter().map(|&lesson| lesson.to_owned()).collect(),
        facts: vec![
            ("Challenges won", count.to_string()),
            ("Questions right", format!("{} of {}", count * 11, count * 12)),
            ("Rules", "0 (provisional)".to_owned()),
            ("Check code", "9372-30D8-C74D-8BBA".to_owned()),
        ],
        code: "9372-30D8-C74D-8BBA".to_owned(),
    };
    let code = qr(&format!("https://hopscope.example/verify/#v1.{}", "A9x_".repeat(10 + 6 * count)));
    let sheet = Sheet { issued: &issued, finished: "20 November 2026", address: "hopscope.example/verify", code: code.as_ref() };
    println!("{}", svg(&sheet, paper));
}
