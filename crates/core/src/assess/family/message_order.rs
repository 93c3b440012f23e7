//! In which order the messages of an exchange go over the wire.

use super::Made;
use super::dice::Dice;
use super::sheet::Sheet;
use crate::assess::{Body, Item};

/// One step: its id, what happens, and why then. Names are filled in: the client, the server that
/// it talks to, and the backend behind that one.
type Step = [&'static str; 3];

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let form = dice.form(3);
    let (steps, given) = match form {
        0 => (handshake(dice), words::GIVEN_HANDSHAKE),
        1 => (reuse(dice), words::GIVEN_REUSE),
        _ => {
            let fresh = dice.coin();
            (through_proxy(dice, fresh), if fresh { words::GIVEN_NEW } else { words::GIVEN_OPEN })
        }
    };
    let steps = some_of(dice, steps);
    let client = words::CLIENTS[dice.below(3) as usize];
    let server = if form > 1 { words::PROXIES[dice.below(3) as usize] } else { words::SERVERS[dice.below(2) as usize] };
    let mut sheet = Sheet::new(&[]);
    for name in [client, server, words::BACKENDS[dice.below(2) as usize]] {
        sheet.text(name.to_owned());
    }
    let mut items = Vec::new();
    for [id, text, why] in steps {
        items.push(Item { id: id.to_owned(), text: capital(sheet.say(text)), why: capital(sheet.say(why)) });
    }
    Some(Made { ask: words::ASK.to_owned(), given: sheet.say(given), keep: words::KEEP[form as usize % 3], body: Body::Order(items) })
}

/// Five of the steps, or seven in the hard form, still in their order.
fn some_of(dice: &mut Dice, mut steps: Vec<Step>) -> Vec<Step> {
    let count = if dice.is_tricky() { 7 } else { 5 };
    while steps.len() > count {
        steps.remove(dice.below(steps.len() as u64) as usize);
    }
    steps
}

/// A sentence that began with a name begins with a capital letter.
fn capital(mut text: String) -> String {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// TCP (RFC 9293 section 3.5), then TLS 1.3 (RFC 8446 section 2), then HTTP.
fn handshake(dice: &mut Dice) -> Vec<Step> {
    let mut steps = Vec::new();
    if dice.coin() {
        steps.push(words::LOOK_UP);
    }
    steps.extend([
        words::SYN,
        words::SYN_ACK,
        words::ACK,
        words::CLIENT_HELLO,
        words::SERVER_HELLO,
        words::FINISHED,
        words::GET,
        words::OK,
    ]);
    if dice.coin() {
        steps.extend([words::GET_AGAIN, words::OK_AGAIN]);
    }
    steps
}

/// A connection that is kept alive (RFC 9112 section 9.3), and what happens once it was not.
fn reuse(dice: &mut Dice) -> Vec<Step> {
    let mut steps = vec![words::CONNECT];
    if dice.coin() {
        steps.push(words::KEYS);
    }
    steps.extend([words::PAGE, words::PAGE_ANSWER, words::STYLE, words::STYLE_ANSWER, words::IDLE, words::CLOSE]);
    if dice.is_tricky() || dice.coin() {
        steps.extend([words::CONNECT_AGAIN, words::NEXT_PAGE]);
    }
    steps
}

/// Two connections on the path of one request; `fresh` when the client's is not open yet.
fn through_proxy(dice: &mut Dice, fresh: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if fresh {
        steps.push(words::OUTER);
        if dice.coin() {
            steps.push(words::OUTER_KEYS);
        }
    }
    steps.extend([words::ASKED, words::PICKED]);
    if dice.coin() {
        steps.push(words::FROM_POOL);
    } else {
        steps.push(words::INNER);
        if dice.is_tricky() && dice.coin() {
            steps.push(words::INNER_KEYS);
        }
    }
    steps.extend([words::FORWARDED, words::ANSWERED, words::RELAYED]);
    if dice.is_tricky() || dice.coin() {
        steps.extend([words::ASKED_AGAIN, words::PICKED_AGAIN]);
    }
    steps
}

mod words {
    use super::Step;

    pub(super) const ASK: &str = "Put these steps in order, from the first to the last.";
    pub(super) const CLIENTS: [&str; 3] = ["the browser", "the phone", "the client"];
    pub(super) const SERVERS: [&str; 2] = ["the server", "the site"];
    pub(super) const PROXIES: [&str; 3] = ["the proxy", "the balancer", "the edge"];
    pub(super) const BACKENDS: [&str; 2] = ["the backend", "the app"];
    // s0 the client, s1 the server it talks to, s2 the backend.
    pub(super) const GIVEN_HANDSHAKE: &str =
        "<p>A new connection from {s0} to {s1}, with TLS 1.3 and nothing remembered from before. Some steps may be left out.</p>";
    pub(super) const GIVEN_REUSE: &str =
        "<p>A keep-alive connection between {s0} and {s1}, HTTP/1.1, one request after the other. Some steps may be left out.</p>";
    pub(super) const GIVEN_NEW: &str = "<p>Requests are routed by their path, one after the other, and {s0} has no connection with {s1} yet. Some steps may be left out.</p>";
    pub(super) const GIVEN_OPEN: &str = "<p>Requests are routed by their path, one after the other, and {s0} has a connection with {s1} from before. Some steps may be left out.</p>";
    pub(super) const KEEP: [&str; 3] = [
        "Before the first byte of HTTP: one round trip for TCP, one more for TLS 1.3.",
        "Handshakes are paid once per connection, not once per request, for as long as it is kept alive.",
        "A proxy that reads requests has one connection on each side, and asks for the second only when it knows where to go.",
    ];

    pub(super) const LOOK_UP: Step =
        ["dns", "{s0} asks DNS for the address of {s1}", "A connection needs an address, so this comes before the first packet to it."];
    pub(super) const SYN: Step = ["syn", "{s0} sends SYN", "It opens TCP: nothing else can be sent to {s1} before."];
    pub(super) const SYN_ACK: Step = ["sa", "{s1} sends SYN-ACK", "It answers the SYN, and half of the connection is there."];
    pub(super) const ACK: Step =
        ["ack", "{s0} sends ACK", "It answers the SYN-ACK. One round trip is over, and {s0} may send data at last."];
    pub(super) const CLIENT_HELLO: Step = [
        "ch",
        "{s0} sends ClientHello with its key share",
        "TLS travels inside TCP, so it waits for the ACK. The key share comes unasked, which saves a round trip.",
    ];
    pub(super) const SERVER_HELLO: Step = [
        "sh",
        "{s1} sends ServerHello, its certificate and Finished",
        "It needs the key share of {s0}. From here on everything is encrypted.",
    ];
    pub(super) const FINISHED: Step =
        ["fin", "{s0} sends Finished", "Only after it has checked the certificate and what {s1} finished with."];
    pub(super) const GET: Step =
        ["get", "{s0} sends <code>GET /</code>", "The first byte of HTTP, right behind Finished: two round trips went before it."];
    pub(super) const OK: Step = ["ok", "{s1} sends <code>200 OK</code>", "An answer follows its request."];
    pub(super) const GET_AGAIN: Step = [
        "get2",
        "{s0} sends <code>GET /app.css</code>",
        "It learned of this file from the first answer. The connection is open, so there is no second handshake.",
    ];
    pub(super) const OK_AGAIN: Step = ["ok2", "{s1} sends the style sheet", "Answers come in the order of their requests."];

    pub(super) const CONNECT: Step =
        ["tcp", "SYN, SYN-ACK, ACK: the connection opens", "Nothing can be asked before there is a connection."];
    pub(super) const KEYS: Step = [
        "tls",
        "ClientHello, ServerHello, Finished: both have keys",
        "TLS needs the TCP connection and has to be done before the request.",
    ];
    pub(super) const PAGE: Step = ["page", "{s0} asks for <code>/</code>", "The first request waits for the handshakes."];
    pub(super) const PAGE_ANSWER: Step =
        ["page-ok", "{s1} answers with the page", "An answer follows its request. The connection stays open."];
    pub(super) const STYLE: Step = [
        "css",
        "{s0} asks for <code>/app.css</code>, which the page names",
        "The page has to be there to name it. No handshake: the connection is used again.",
    ];
    pub(super) const STYLE_ANSWER: Step = ["css-ok", "{s1} answers with the style sheet", "An answer follows its request."];
    pub(super) const IDLE: Step =
        ["idle", "The connection is idle for as long as keep-alive allows", "The timeout counts from the last answer on it."];
    pub(super) const CLOSE: Step =
        ["close", "{s1} closes the connection", "{s1} closes it once it was idle for long enough, and not after each answer."];
    pub(super) const CONNECT_AGAIN: Step = [
        "tcp2",
        "{s0} opens a second connection",
        "Not before the first is closed: as long as that was open there was no need of another.",
    ];
    pub(super) const NEXT_PAGE: Step = [
        "next",
        "{s0} asks for <code>/about</code> on the second connection",
        "It waits for the new connection, because the old one was closed.",
    ];

    pub(super) const OUTER: Step =
        ["outer", "{s0} and {s1} open a connection", "{s1} accepts it by itself: it does not know yet where the request will want to go."];
    pub(super) const OUTER_KEYS: Step =
        ["outer-tls", "{s0} and {s1} agree on keys", "TLS ends at {s1}. It has to, for {s1} to read the path."];
    pub(super) const ASKED: Step =
        ["ask", "{s0} sends its request to {s1}", "It travels on the connection with {s1}. Nobody tells {s0} of another one."];
    pub(super) const PICKED: Step =
        ["pick", "{s1} reads the path and picks {s2}", "The path is in the request, so this has to wait for it."];
    pub(super) const FROM_POOL: Step = [
        "pool",
        "{s1} takes an idle connection to {s2} out of its pool",
        "Which pool is clear only after the choice. No handshake is needed.",
    ];
    pub(super) const INNER: Step =
        ["inner", "{s1} and {s2} open a connection", "{s1} cannot know with whom before it has chosen. This is the second connection."];
    pub(super) const INNER_KEYS: Step = [
        "inner-tls",
        "{s1} and {s2} agree on keys of their own",
        "The keys of the other side are of no use here: it is another connection.",
    ];
    pub(super) const FORWARDED: Step = ["forward", "{s1} sends the request on to {s2}", "It needs a connection with {s2} to be sent on."];
    pub(super) const ANSWERED: Step = ["answer", "{s2} answers {s1}", "{s2} has a connection with {s1} only, so its answer goes there."];
    pub(super) const RELAYED: Step = ["relay", "{s1} passes the answer on to {s0}", "It has to have the answer before it can pass it on."];
    pub(super) const ASKED_AGAIN: Step =
        ["ask2", "{s0} sends a second request to {s1}", "After the first answer, on the connection that is still open."];
    pub(super) const PICKED_AGAIN: Step =
        ["pick2", "{s1} reads the second path and picks anew", "Each request is placed by itself, whatever happened to the one before."];
}
