//! Which status a client gets when a proxy has no answer to pass on.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;
use crate::scenario::Product;
use crate::world::Why;

const PRODUCTS: [Product; 3] = [Product::Nginx, Product::Haproxy, Product::Envoy];

/// What went wrong, in the order of its words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failure {
    Refused,
    Broke,
    Silent,
    Nobody,
}

const FAILURES: [Failure; 4] = [Failure::Refused, Failure::Broke, Failure::Silent, Failure::Nobody];

impl Failure {
    const fn why(self) -> Why {
        match self {
            Self::Refused | Self::Broke => Why::Reset,
            Self::Silent => Why::TimedOut,
            Self::Nobody => Why::NobodyEligible,
        }
    }
}

struct Case {
    product: Product,
    failure: Failure,
    /// Whether another server is well, so that a further try would be answered.
    spare: bool,
    /// Whether sending it twice may do something twice (RFC 9110 section 9.2.2).
    unsafe_twice: bool,
}

impl Case {
    /// Whether the request goes to another server, with the settings that the question names: nginx
    /// `proxy_next_upstream error timeout` without `non_idempotent`, HAProxy `retry-on conn-failure`,
    /// Envoy without a retry policy.
    const fn is_tried_again(&self) -> bool {
        let unsent = matches!(self.failure, Failure::Refused);
        self.spare
            && match self.product {
                Product::Nginx => unsent || !self.unsafe_twice,
                Product::Haproxy => unsent,
                Product::Envoy | Product::Plain => false,
            }
    }

    /// What the client gets if the proxy has to speak for itself.
    const fn own(&self) -> u32 {
        self.product.status(self.failure.why(), matches!(self.failure, Failure::Refused)) as u32
    }

    const fn truth(&self) -> u32 {
        if self.is_tried_again() { 200 } else { self.own() }
    }
}

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let (product, failure, method) = (dice.below(3), dice.below(4), dice.below(4));
    let tricky = dice.is_tricky();
    let case = Case {
        product: PRODUCTS[product as usize],
        failure: FAILURES[failure as usize],
        spare: tricky && failure < 3,
        unsafe_twice: method > 1,
    };
    let (own, truth) = (case.own(), case.truth());
    let again = case.is_tried_again();
    let facts = [
        u32::from(words::NGINX) + product,
        u32::from(words::REFUSED) + failure,
        u32::from(words::GET) + method,
        own,
        u32::from(words::SETTINGS) + product,
    ];
    let mut sheet = Sheet::new(dice.words, &facts);
    let why = match truth {
        200 => words::AGAIN,
        _ if case.spare => words::NOT_AGAIN + product as u8,
        _ => words::BECAUSE + product as u8 * 4 + failure as u8,
    };
    let says = |status: u32| Idea::new(status, words::SAYS_502 + (status - 502) as u8);
    let wrong = [
        // The one that tells most apart comes first: what would be right without a further try, or with one.
        if again {
            Idea::new(own, words::WITHOUT)
        } else if case.spare {
            Idea::new(200, words::HIDDEN)
        } else {
            says(if own == 503 { 502 } else { 503 })
        },
        says(502),
        says(503),
        says(504),
        Idea::new(500, words::SAYS_500),
    ];
    let body = single(dice, &mut sheet, Idea::new(truth, why), &wrong, 3, |sheet, _| sheet.say(words::STATUS))?;
    let rows = [words::PROXY, words::REQUEST, words::HAPPENED, words::OTHERS, words::SET];
    let given = sheet.list(&rows[..if case.spare { 5 } else { 3 }]);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "Which status does the client get?";
        KEEP = "502: what came was no answer. 503: nobody to ask. 504: asked, and nothing came in time. nginx says 502 for nobody as well, HAProxy 503 for whatever fails before the request is sent, Envoy 503 for all but silence.";
        STATUS = "{n0}";
        PROXY = "Proxy|{w4}";
        REQUEST = "Request|{w6}";
        HAPPENED = "What happens|{w5}";
        OTHERS = "Other servers|one more, and it is well";
        SET = "Further tries|{w8}";
        // In this order.
        NGINX = "nginx";
        HAPROXY = "HAProxy";
        ENVOY = "Envoy";
        // In this order.
        REFUSED = "the server refuses the connection";
        BROKE = "the request is sent, then the connection breaks before an answer";
        SILENT = "the request is sent, and nothing comes until the proxy’s timeout";
        NOBODY = "all servers are marked as down, so none is asked";
        // In this order.
        GET = "<code>GET /cart</code>";
        PUT = "<code>PUT /profile</code>";
        POST = "<code>POST /order</code>";
        PATCH = "<code>PATCH /cart</code>";
        // In this order.
        SETTINGS = "<code>proxy_next_upstream error timeout</code>, the default";
        SETTINGS_HAPROXY = "<code>retry-on conn-failure</code>, the default, and <code>option redispatch 1</code>";
        SETTINGS_ENVOY = "no retry policy, the default";
        // n0 the status, w4 the proxy, w5 what happens, w6 the request, n7 the proxy’s own status.
        AGAIN = "The failure is hidden: {w4} may send {w6} to the other server, and passes on its 200. It takes longer, and nobody sees an error.";
        // In this order.
        NOT_AGAIN = "nginx goes on with a request that was not sent, or that may be repeated. This one was sent, and a second {w6} may do something a second time, so nginx answers {n0} itself.";
        NOT_AGAIN_HAPROXY = "By default HAProxy tries again only when it could not connect. This request was sent, so it answers {n0} itself.";
        NOT_AGAIN_ENVOY = "Without a retry policy Envoy tries nothing again, and answers {n0} itself.";
        // In this order: for each product, by what happens.
        BECAUSE = "nginx was refused by the server that it asked: {n0} Bad Gateway.";
        NGINX_BROKE = "nginx had sent the request, and what came back was no answer: {n0} Bad Gateway.";
        NGINX_SILENT = "proxy_read_timeout ran out: {n0} Gateway Timeout.";
        NGINX_NOBODY = "<em>no live upstreams</em>: nginx answers {n0} for that too, though nobody was asked.";
        HAPROXY_REFUSED = "HAProxy could not get the request to a server. For whatever fails before it is sent the answer is {n0}.";
        HAPROXY_BROKE = "The request was sent, and the answer was cut off: {n0}.";
        HAPROXY_SILENT = "timeout server ran out: {n0}.";
        HAPROXY_NOBODY = "No server is available: {n0} Service Unavailable.";
        ENVOY_REFUSED = "Envoy answers {n0} with the flag UF, upstream connection failure.";
        ENVOY_BROKE = "Envoy answers {n0} with the flag UC, upstream connection termination. It keeps 502 for nothing of this.";
        ENVOY_SILENT = "The route’s timeout ran out: {n0} with the flag UT.";
        ENVOY_NOBODY = "No healthy upstream: {n0} with the flag UH.";
        // In this order.
        SAYS_502 = "That stands for a connection that was refused or broke. Here {w5}, and {w4} has {n7} for that.";
        SAYS_503 = "That stands for nobody to ask; HAProxy and Envoy use it for more. Here {w5}, and {w4} has {n7} for that.";
        SAYS_504 = "That is for silence: a request was sent and a timeout ran out. Here {w5}, and {w4} has {n7} for that.";
        SAYS_500 = "That is what an application says of itself. None has answered here, so {w4} has to find a number of its own, {n7}.";
        WITHOUT = "That would be right if {w4} could not try again. But {w6} may go to the other server here, which is well: {w4} keeps {n7} to itself.";
        HIDDEN = "That takes every failure to be tried again. With these settings {w4} does not do it for {w6} when {w5}.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(product: Product, failure: Failure, twice: bool, alone: u32, with_spare: u32) {
        let case = |spare| Case { product, failure, spare, unsafe_twice: twice }.truth();
        assert_eq!((case(false), case(true)), (alone, with_spare), "{product:?}");
    }

    #[test]
    fn a_status_says_who_failed_and_whether_it_is_hidden() {
        check(Product::Nginx, Failure::Refused, true, 502, 200);
        check(Product::Nginx, Failure::Broke, false, 502, 200);
        check(Product::Nginx, Failure::Broke, true, 502, 502);
        check(Product::Nginx, Failure::Silent, false, 504, 200);
        check(Product::Haproxy, Failure::Refused, true, 503, 200);
        check(Product::Haproxy, Failure::Broke, false, 502, 502);
        check(Product::Haproxy, Failure::Silent, true, 504, 504);
        check(Product::Envoy, Failure::Refused, false, 503, 503);
        check(Product::Envoy, Failure::Silent, false, 504, 504);
        check(Product::Envoy, Failure::Broke, true, 503, 503);
    }

    #[test]
    fn nobody_to_ask_is_a_number_of_its_own() {
        let nobody = |product| Case { product, failure: Failure::Nobody, spare: false, unsafe_twice: false }.truth();
        assert_eq!(PRODUCTS.map(nobody), [502, 503, 503]);
    }
}
