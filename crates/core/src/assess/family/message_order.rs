//! In which order the messages of an exchange go over the wire.

use super::Made;
use super::dice::Dice;
use super::sheet::Sheet;
use crate::assess::{Body, Item};

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let form = dice.form(3);
    let all = match form {
        0 => words::LOOK_UP..=words::OK_AGAIN,
        1 => words::CONNECT..=words::NEXT_PAGE,
        _ => words::OUTER..=words::PICKED_AGAIN,
    };
    let mut steps: Vec<u8> = all.collect();
    let mut given = words::GIVEN_HANDSHAKE + form as u8;
    let tricky = dice.is_tricky();
    let mut drop = |from: u8, to: u8| steps.retain(|step| !(from..=to).contains(step));
    // What may be so or not: each of these is left out half of the time.
    let (first, second, third, goes_on) = (dice.coin(), dice.coin(), tricky && dice.coin(), dice.coin() || tricky && form > 0);
    if first {
        drop(words::LOOK_UP, words::LOOK_UP);
        drop(words::KEYS, words::KEYS);
        drop(words::OUTER, words::OUTER_KEYS);
        given += u8::from(form > 1);
    }
    if second {
        drop(words::OUTER_KEYS, words::OUTER_KEYS);
    }
    if dice.coin() {
        drop(words::INNER, words::INNER_KEYS);
    } else {
        drop(words::FROM_POOL, words::FROM_POOL);
    }
    if !third {
        drop(words::INNER_KEYS, words::INNER_KEYS);
    }
    if !goes_on {
        drop(words::GET_AGAIN, words::OK_AGAIN);
        drop(words::CONNECT_AGAIN, words::NEXT_PAGE);
        drop(words::ASKED_AGAIN, words::PICKED_AGAIN);
    }
    while steps.len() > if tricky { 7 } else { 5 } {
        steps.remove(dice.below(steps.len() as u32) as usize);
    }
    let server = if form > 1 { words::PROXIES_0 + dice.below(3) as u8 } else { words::SERVERS_0 + dice.below(2) as u8 };
    let names = [words::CLIENTS_0 + dice.below(3) as u8, server, words::BACKENDS_0 + dice.below(2) as u8];
    let sheet = Sheet::new(dice.words, &names.map(u32::from));
    let mut items = Vec::new();
    for step in steps {
        let mut parts = sheet.parts(step);
        let id = parts.next().unwrap_or_default().to_owned();
        let mut said = || capital(sheet.fill(parts.next().unwrap_or_default()));
        items.push(Item { id, text: said(), why: said() });
    }
    Some(Made {
        ask: sheet.say(words::ASK),
        given: sheet.say(given),
        keep: sheet.say(words::KEEP_0 + form as u8),
        body: Body::Order(items),
    })
}

/// A sentence that began with a name begins with a capital letter.
fn capital(mut text: String) -> String {
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "Put these steps in order, from the first to the last.";
        // In this order.
        CLIENTS_0 = "the browser";
        CLIENTS_1 = "the phone";
        CLIENTS_2 = "the client";
        SERVERS_0 = "the server";
        SERVERS_1 = "the site";
        PROXIES_0 = "the proxy";
        PROXIES_1 = "the balancer";
        PROXIES_2 = "the edge";
        BACKENDS_0 = "the backend";
        BACKENDS_1 = "the app";
        // w4 the client, w5 the server it talks to, w6 the backend.
        // In this order.
        GIVEN_HANDSHAKE = "<p>A new connection from {w4} to {w5}, with TLS 1.3 and nothing remembered from before. Some steps may be left out.</p>";
        GIVEN_REUSE = "<p>A keep-alive connection between {w4} and {w5}, HTTP/1.1, one request after the other. Some steps may be left out.</p>";
        GIVEN_NEW = "<p>Requests are routed by their path, one after the other, and {w4} has no connection with {w5} yet. Some steps may be left out.</p>";
        GIVEN_OPEN = "<p>Requests are routed by their path, one after the other, and {w4} has a connection with {w5} from before. Some steps may be left out.</p>";
        // In this order.
        KEEP_0 = "Before the first byte of HTTP: one round trip for TCP, one more for TLS 1.3.";
        KEEP_1 = "Handshakes are paid once per connection, not once per request, for as long as it is kept alive.";
        KEEP_2 = "A proxy that reads requests has one connection on each side, and asks for the second only when it knows where to go.";
        // Steps in their order: the id, which stays as it is in every language, what happens, and why then.
        // TCP (RFC 9293 section 3.5), then TLS 1.3 (RFC 8446 section 2), then HTTP.
        LOOK_UP = "dns|{w4} asks DNS for the address of {w5}|A connection needs an address, so this comes before the first packet to it.";
        SYN = "syn|{w4} sends SYN|It opens TCP: nothing else can be sent to {w5} before.";
        SYN_ACK = "sa|{w5} sends SYN-ACK|It answers the SYN, and half of the connection is there.";
        ACK = "ack|{w4} sends ACK|It answers the SYN-ACK. One round trip is over, and {w4} may send data at last.";
        CLIENT_HELLO = "ch|{w4} sends ClientHello with its key share|TLS travels inside TCP, so it waits for the ACK. The key share comes unasked, which saves a round trip.";
        SERVER_HELLO = "sh|{w5} sends ServerHello, its certificate and Finished|It needs the key share of {w4}. From here on everything is encrypted.";
        FINISHED = "fin|{w4} sends Finished|Only after it has checked the certificate and what {w5} finished with.";
        GET = "get|{w4} sends <code>GET /</code>|The first byte of HTTP, right behind Finished: two round trips went before it.";
        OK = "ok|{w5} sends <code>200 OK</code>|An answer follows its request.";
        GET_AGAIN = "get2|{w4} sends <code>GET /app.css</code>|It learned of this file from the first answer. The connection is open, so there is no second handshake.";
        OK_AGAIN = "ok2|{w5} sends the style sheet|Answers come in the order of their requests.";
        // A connection that is kept alive (RFC 9112 section 9.3), and what happens once it was not.
        CONNECT = "tcp|SYN, SYN-ACK, ACK: the connection opens|Nothing can be asked before there is a connection.";
        KEYS = "tls|ClientHello, ServerHello, Finished: both have keys|TLS needs the TCP connection and has to be done before the request.";
        PAGE = "page|{w4} asks for <code>/</code>|The first request waits for the handshakes.";
        PAGE_ANSWER = "page-ok|{w5} answers with the page|An answer follows its request. The connection stays open.";
        STYLE = "css|{w4} asks for <code>/app.css</code>, which the page names|The page has to be there to name it. No handshake: the connection is used again.";
        STYLE_ANSWER = "css-ok|{w5} answers with the style sheet|An answer follows its request.";
        IDLE = "idle|The connection is idle for as long as keep-alive allows|The timeout counts from the last answer on it.";
        CLOSE = "close|{w5} closes the connection|{w5} closes it once it was idle for long enough, and not after each answer.";
        CONNECT_AGAIN = "tcp2|{w4} opens a second connection|Not before the first is closed: as long as that was open there was no need of another.";
        NEXT_PAGE = "next|{w4} asks for <code>/about</code> on the second connection|It waits for the new connection, because the old one was closed.";
        // Two connections on the path of one request.
        OUTER = "outer|{w4} and {w5} open a connection|{w5} accepts it by itself: it does not know yet where the request will want to go.";
        OUTER_KEYS = "outer-tls|{w4} and {w5} agree on keys|TLS ends at {w5}. It has to, for {w5} to read the path.";
        ASKED = "ask|{w4} sends its request to {w5}|It travels on the connection with {w5}. Nobody tells {w4} of another one.";
        PICKED = "pick|{w5} reads the path and picks {w6}|The path is in the request, so this has to wait for it.";
        FROM_POOL = "pool|{w5} takes an idle connection to {w6} out of its pool|Which pool is clear only after the choice. No handshake is needed.";
        INNER = "inner|{w5} and {w6} open a connection|{w5} cannot know with whom before it has chosen. This is the second connection.";
        INNER_KEYS = "inner-tls|{w5} and {w6} agree on keys of their own|The keys of the other side are of no use here: it is another connection.";
        FORWARDED = "forward|{w5} sends the request on to {w6}|It needs a connection with {w6} to be sent on.";
        ANSWERED = "answer|{w6} answers {w5}|{w6} has a connection with {w5} only, so its answer goes there.";
        RELAYED = "relay|{w5} passes the answer on to {w4}|It has to have the answer before it can pass it on.";
        ASKED_AGAIN = "ask2|{w4} sends a second request to {w5}|After the first answer, on the connection that is still open.";
        PICKED_AGAIN = "pick2|{w5} reads the second path and picks anew|Each request is placed by itself, whatever happened to the one before.";
    }
}
