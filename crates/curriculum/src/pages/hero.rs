//! The diagram on the home page: a request's whole path, with marks on their way.
//!
//! Marks rest where they stand in the SVG. Where the browser can move them along a path, `home.css` does so for five
//! seconds; its paths repeat the wires below, and a test keeps the two equal.

use maud::{Markup, html};

use crate::pages::icon;
use crate::pages::mark::{self, Mark};

/// A wire: its class, and the four points of its curve.
struct Wire {
    class: &'static str,
    look: &'static str,
    curve: [(f64, f64); 4],
}

/// A mark on a wire: which wire, which mark, how far along in percent.
type Ride = (&'static str, Mark, u32);

/// One drawing: wires, what rides on them, where the boxes stand.
struct Drawing {
    class: &'static str,
    size: (u32, u32),
    wires: &'static [Wire],
    rides: &'static [Ride],
    clients: [(i32, i32); 3],
    dns: (i32, i32),
    edge: (i32, i32),
    balancer: (i32, i32),
    proxy: (i32, i32),
    backends: [(i32, i32); 3],
    labels_beside: bool,
}

const fn straight(class: &'static str, from: (f64, f64), to: (f64, f64)) -> Wire {
    Wire { class, look: "wire", curve: [from, from, to, to] }
}

const fn curved(class: &'static str, look: &'static str, curve: [(f64, f64); 4]) -> Wire {
    Wire { class, look, curve }
}

const RIDES: &[Ride] = &[
    ("lookup", Mark::Lookup, 45),
    ("c1", Mark::Request, 40),
    ("c1", Mark::Request, 75),
    ("c2", Mark::Request, 24),
    ("c2", Mark::CacheHit, 52),
    ("c3", Mark::Request, 34),
    ("c3", Mark::CacheHit, 62),
    ("lb", Mark::Request, 26),
    ("lb", Mark::Request, 66),
    ("rp", Mark::Request, 32),
    ("rp", Mark::Request, 72),
    ("b1", Mark::Request, 42),
    ("b1", Mark::Request, 78),
    ("b2", Mark::Retry, 18),
    ("b2", Mark::Request, 44),
    ("b2", Mark::Probe, 80),
    ("b3", Mark::FailedProbe, 78),
];

const WIDE: Drawing = Drawing {
    class: "path-diagram wide",
    size: (832, 276),
    wires: &[
        curved("lookup", "wire lookup", [(68.0, 46.0), (96.0, 43.0), (120.0, 42.0), (150.0, 42.0)]),
        curved("c1", "wire", [(68.0, 56.0), (150.0, 56.0), (150.0, 126.0), (225.0, 126.0)]),
        straight("c2", (68.0, 140.0), (225.0, 140.0)),
        curved("c3", "wire", [(68.0, 224.0), (150.0, 224.0), (150.0, 154.0), (225.0, 154.0)]),
        straight("lb", (295.0, 140.0), (374.0, 140.0)),
        straight("rp", (446.0, 140.0), (516.0, 140.0)),
        curved("b1", "wire", [(588.0, 124.0), (660.0, 124.0), (640.0, 54.0), (708.0, 54.0)]),
        straight("b2", (588.0, 140.0), (708.0, 140.0)),
        curved("b3", "wire down", [(588.0, 156.0), (660.0, 156.0), (640.0, 226.0), (708.0, 226.0)]),
    ],
    rides: RIDES,
    clients: [(44, 54), (44, 140), (44, 226)],
    dns: (180, 42),
    edge: (260, 140),
    balancer: (410, 140),
    proxy: (552, 140),
    backends: [(758, 54), (758, 140), (758, 226)],
    labels_beside: false,
};

const TALL: Drawing = Drawing {
    class: "path-diagram tall",
    size: (340, 500),
    wires: &[
        curved("lookup", "wire lookup", [(282.0, 58.0), (282.0, 80.0), (288.0, 90.0), (288.0, 119.0)]),
        curved("c1", "wire", [(58.0, 58.0), (58.0, 112.0), (106.0, 100.0), (106.0, 136.0)]),
        curved("c2", "wire", [(160.0, 58.0), (160.0, 104.0), (120.0, 92.0), (120.0, 132.0)]),
        curved("c3", "wire", [(262.0, 58.0), (262.0, 118.0), (134.0, 84.0), (134.0, 138.0)]),
        straight("lb", (120.0, 210.0), (120.0, 244.0)),
        straight("rp", (120.0, 308.0), (120.0, 340.0)),
        curved("b1", "wire", [(106.0, 404.0), (106.0, 430.0), (58.0, 420.0), (58.0, 446.0)]),
        curved("b2", "wire", [(124.0, 404.0), (124.0, 436.0), (170.0, 420.0), (170.0, 446.0)]),
        curved("b3", "wire down", [(156.0, 380.0), (220.0, 386.0), (282.0, 390.0), (282.0, 445.0)]),
    ],
    rides: RIDES,
    clients: [(58, 34), (165, 34), (272, 34)],
    dns: (288, 140),
    edge: (120, 172),
    balancer: (120, 276),
    proxy: (120, 372),
    backends: [(58, 470), (170, 470), (282, 470)],
    labels_beside: true,
};

/// What the pictures say, for those who do not see them.
const WORDS: &str = "Three clients look a name up in DNS and send requests to a CDN edge, which answers some from its \
    cache. The rest pass a load balancer and a reverse proxy to the backends. One backend is down: a health probe to \
    it fails, and a request is retried on another.";

/// The diagram with its legend and the control that keeps it moving.
pub(crate) fn hero() -> Markup {
    html! {
        figure.hero-figure {
            input.visually-hidden #hero-loop type="checkbox";
            (draw(&WIDE))
            (draw(&TALL))
            figcaption {
                ul.legend {
                    (mark::legend(Mark::Request, "request"))
                    (mark::legend(Mark::CacheHit, "cache hit"))
                    (mark::legend(Mark::Retry, "retry"))
                    (mark::legend(Mark::Probe, "health probe"))
                    (mark::legend(Mark::FailedProbe, "failed probe"))
                }
                label.hero-loop for="hero-loop" {
                    span.off { (icon::play()) "Keep it moving" }
                    span.on { (icon::pause()) "Stop moving" }
                }
            }
        }
    }
}

fn draw(drawing: &Drawing) -> Markup {
    let (width, height) = drawing.size;
    html! {
        svg class=(drawing.class) viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(WORDS) {
            g.wires { @for wire in drawing.wires { path class=(wire.look) d=(wire.path()) {} } }
            @for at in drawing.clients { (client(at)) }
            (dns(drawing.dns))
            (edge(drawing.edge, drawing.labels_beside))
            (balancer(drawing.balancer, drawing.labels_beside))
            (proxy(drawing.proxy, drawing.labels_beside))
            @for (index, at) in drawing.backends.into_iter().enumerate() { (backend(index + 1, at)) }
            g.rides { @for ride in drawing.rides { (drawing.ride(ride)) } }
        }
    }
}

impl Wire {
    fn path(&self) -> String {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = self.curve;
        if (x0, y0) == (x1, y1) {
            return format!("M{x0} {y0}L{x3} {y3}");
        }
        format!("M{x0} {y0}C{x1} {y1} {x2} {y2} {x3} {y3}")
    }

    /// The point of the curve at a parameter from 0 to 1.
    fn at(&self, t: f64) -> (f64, f64) {
        let [p0, p1, p2, p3] = self.curve;
        let u = 1.0 - t;
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            let value = u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d;
            (value * 10.0).round() / 10.0
        };
        (mix(p0.0, p1.0, p2.0, p3.0), mix(p0.1, p1.1, p2.1, p3.1))
    }
}

impl Drawing {
    fn ride(&self, (class, mark, percent): &Ride) -> Markup {
        let Some(wire) = self.wires.iter().find(|wire| wire.class == *class) else { return html! {} };
        let (x, y) = wire.at(f64::from(*percent) / 100.0);
        html! {
            g class={ "ride on-" (class) " r" (percent) } transform={ "translate(" (x) " " (y) ")" } { (mark::shape(*mark)) }
        }
    }
}

fn at(x: i32, y: i32) -> String {
    format!("translate({x} {y})")
}

fn client((x, y): (i32, i32)) -> Markup {
    html! {
        g transform=(at(x, y)) {
            rect.box.soft x="-24" y="-24" width="48" height="48" rx="8" {}
            g.s-client.glyph { circle cx="0" cy="-6" r="4" {} path d="M-7 9 C-7 -1 7 -1 7 9" {} }
        }
    }
}

fn dns((x, y): (i32, i32)) -> Markup {
    html! {
        g transform=(at(x, y)) {
            rect.box.s-edge x="-30" y="-21" width="60" height="42" rx="8" {}
            text.f-edge.strong text-anchor="middle" y="5" { "DNS" }
        }
    }
}

fn edge((x, y): (i32, i32), beside: bool) -> Markup {
    html! {
        g transform=(at(x, y)) {
            path.box.s-edge d="M0 -40 35 -20 35 20 0 40 -35 20 -35 -20Z" {}
            g {
                rect.f-cache x="-13" y="-13" width="10" height="10" rx="1.5" {}
                rect.f-cache x="3" y="-13" width="10" height="10" rx="1.5" {}
                rect.f-cache x="-13" y="3" width="10" height="10" rx="1.5" {}
                rect.hollow.s-cache x="3.8" y="3.8" width="8.4" height="8.4" rx="1.5" {}
            }
            (label("CDN edge", beside, 66))
        }
    }
}

fn balancer((x, y): (i32, i32), beside: bool) -> Markup {
    html! {
        g transform=(at(x, y)) {
            rect.box.s-proxy x="-36" y="-32" width="72" height="64" rx="10" {}
            g.s-proxy.glyph {
                path d="M-20 0H20M-20 0C-4 0 -4 -14 14 -14M-20 0C-4 0 -4 14 14 14" {}
                path d="M15 -5 20 0 15 5M9 -19 14.5 -14 9 -9M9 9 14.5 14 9 19" {}
            }
            (label("Load balancer", beside, 66))
        }
    }
}

fn proxy((x, y): (i32, i32), beside: bool) -> Markup {
    html! {
        g transform=(at(x, y)) {
            rect.box.s-proxy x="-36" y="-32" width="72" height="64" rx="10" {}
            g.s-proxy.glyph {
                path d="M-20 -12H-6M-20 -4H-6M-20 4H-6M-20 12H-6M0 -16V16" {}
                path.thick d="M8 -8H18M8 8H18" {}
            }
            (label("Reverse proxy", beside, 66))
        }
    }
}

fn label(text: &str, beside: bool, below: i32) -> Markup {
    html! {
        @if beside { text.node-label x="50" y="5" { (text) } }
        @else { text.node-label text-anchor="middle" y=(below) { (text) } }
    }
}

fn backend(number: usize, (x, y): (i32, i32)) -> Markup {
    let down = number == 3;
    html! {
        g.is-down[down] transform=(at(x, y)) {
            rect.box.soft x="-50" y="-25" width="100" height="50" rx="10" {}
            @if down { path.hatch d="M-46 12 -20 -24M-44 24 -8 -24M-28 24 6 -24M-14 24 20 -24M0 24 34 -24M14 24 46 -20M28 24 49 -4" {} }
            g.rack.glyph.s-backend transform="translate(-30 0)" {
                rect x="-9" y="-9.5" width="18" height="8" rx="2" {}
                rect x="-9" y="1.5" width="18" height="8" rx="2" {}
                path d="M-5 -5.5h.1M-1.5 -5.5h6M-5 5.5h.1M-1.5 5.5h6" {}
            }
            text.strong x="-12" y="5" { @if down { "down" } @else { "b" (number) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSS: &str = include_str!("../../../../web/styles/home.css");

    #[test]
    fn the_stylesheet_moves_marks_along_these_wires() {
        for (scope, drawing) in [(".wide", &WIDE), (".tall", &TALL)] {
            for wire in drawing.wires {
                let rule = format!("{scope} .on-{} {{ offset-path: path(\"{}\"); }}", wire.class, wire.path());
                assert!(CSS.contains(&rule), "home.css lacks: {rule}");
            }
        }
    }

    #[test]
    fn the_stylesheet_knows_how_far_each_mark_is() {
        for (_, _, percent) in RIDES {
            let rule = format!(".r{percent} {{ --r: 0.{percent:02}; }}");
            assert!(CSS.contains(&rule), "home.css lacks: {rule}");
        }
    }
}
