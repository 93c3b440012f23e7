//! One small picture per lesson, for the course map. Each shows the lesson's one idea.

mod caching;
mod foundations;
mod global;
mod on_call;
mod proxy;
mod staying_up;

use maud::{Markup, PreEscaped, html};

/// Name and shapes of every picture, in a field of 160 by 84 units.
const ALL: [(&str, &str); 18] = [
    ("what-reverse-proxies-do", foundations::WHAT_REVERSE_PROXIES_DO),
    ("l4-vs-l7", foundations::L4_VS_L7),
    ("balancing-algorithms", foundations::BALANCING_ALGORITHMS),
    ("connection-pooling", proxy::CONNECTION_POOLING),
    ("tls-termination", proxy::TLS_TERMINATION),
    ("request-routing", proxy::REQUEST_ROUTING),
    ("api-gateway", proxy::API_GATEWAY),
    ("health-and-failover", staying_up::HEALTH_AND_FAILOVER),
    ("sticky-sessions", staying_up::STICKY_SESSIONS),
    ("rate-limiting", staying_up::RATE_LIMITING),
    ("rollouts-and-draining", staying_up::ROLLOUTS_AND_DRAINING),
    ("proxy-caching", caching::PROXY_CACHING),
    ("cdn-edge", caching::CDN_EDGE),
    ("dns-and-gslb", global::DNS_AND_GSLB),
    ("delivery-modes", global::DELIVERY_MODES),
    ("trace-a-request", on_call::TRACE_A_REQUEST),
    ("incident-room", on_call::INCIDENT_ROOM),
    ("config-review", on_call::CONFIG_REVIEW),
];

/// Names of all pictures.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(name, _)| *name)
}

/// The shapes of a picture.
pub fn find(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, shapes)| *shapes)
}

/// The picture as an image without words; the title beside it says what it is.
pub fn draw(name: &str) -> Markup {
    html! {
        svg.pictogram viewBox="0 0 160 84" aria-hidden="true" focusable="false" {
            (PreEscaped(find(name).unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_take_their_colours_from_the_stylesheet() {
        for (name, shapes) in ALL {
            for forbidden in ["style=", "#", "fill=", "stroke=", "<script"] {
                assert!(!shapes.contains(forbidden), "{name} contains {forbidden}");
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut sorted: Vec<&str> = names().collect();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), ALL.len());
    }
}
