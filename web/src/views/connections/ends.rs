//! What one end knows of a connection: only what it has sent and what has reached it.

use hopscope_core::scenario::Tls;
use hopscope_core::time::Instant;
use hopscope_core::world::{MessageKind, NodeId, Sent};

/// How far a connection is, as one end knows it. The names in brackets are those of RFC 9293
/// section 3.3.2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing of it has come here yet.
    #[default]
    Nothing,
    /// Asked for, not answered (SYN-SENT).
    Asked,
    /// Answered, not confirmed (SYN-RECEIVED).
    Answered,
    /// The TLS handshake is on.
    Securing,
    /// Requests can pass (ESTABLISHED).
    Open,
    /// This end has said that it is done (FIN-WAIT).
    Closing,
    /// The other end has said that it is done (CLOSE-WAIT).
    Closed,
    /// This end has cut it off, or has learned that the other did.
    Cut,
}

impl Known {
    /// In a few words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nothing => "knows nothing of it yet",
            Self::Asked => "opening: SYN sent",
            Self::Answered => "opening: SYN-ACK sent",
            Self::Securing => "open, TLS handshake on",
            Self::Open => "open",
            Self::Closing => "closing: FIN sent",
            Self::Closed => "closed by the other end",
            Self::Cut => "cut off: RST",
        }
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// How far it is for this end.
    pub known: Known,
    /// Requests that passed here.
    pub requests: u32,
    /// Answers that passed here.
    pub answers: u32,
    /// When the last request, answer or handshake passed here.
    pub last: Instant,
}

impl End {
    /// What `node` knows of a connection at a moment. `before` is how far it was before the first
    /// message: a connection may have been open before the run.
    pub fn of(sent: &[Sent], (conn, tls): (u32, Tls), node: NodeId, now: Instant, before: Known) -> Self {
        let mut passed: Vec<(Instant, bool, MessageKind)> = sent
            .iter()
            .filter(|s| s.conn == conn)
            .filter_map(|s| match s {
                _ if s.from == node => Some((s.at, true, s.kind)),
                _ if s.to == node && s.arrives <= now => Some((s.arrives, false, s.kind)),
                _ => None,
            })
            .collect();
        // What arrives and what it makes this end send happen at one moment, in this order.
        passed.sort_by_key(|&(at, mine, _)| (at, mine));
        let mut end = Self { known: before, ..Self::default() };
        for (at, mine, kind) in passed {
            end.learn(at, mine, kind, tls);
        }
        end
    }

    fn learn(&mut self, at: Instant, mine: bool, kind: MessageKind, tls: Tls) {
        let is_over = matches!(self.known, Known::Closing | Known::Closed | Known::Cut);
        let next = match (kind, mine) {
            (MessageKind::Syn, true) => Known::Asked,
            (MessageKind::Syn, false) | (MessageKind::SynAck, true) => Known::Answered,
            (MessageKind::ClientHello, _) => Known::Securing,
            // But for a full TLS 1.2 handshake it is all that the one who opened it has to wait for.
            (MessageKind::ServerHello, false) if tls != Tls::Tls12 => Known::Open,
            (MessageKind::ServerHello | MessageKind::ClientFinished, _) => self.known,
            (MessageKind::Fin | MessageKind::FinBack, true) => Known::Closing,
            (MessageKind::Fin | MessageKind::FinBack, false) => Known::Closed,
            (MessageKind::Rst, _) => Known::Cut,
            _ => Known::Open,
        };
        // What still comes in after the end of a connection does not open it again.
        if !is_over || next == Known::Cut {
            self.known = next;
        }
        self.requests += u32::from(kind == MessageKind::Request);
        self.answers += u32::from(kind == MessageKind::Response);
        if next == Known::Open {
            self.last = at;
        }
    }

    /// Requests that have passed and whose answers have not.
    pub const fn under_way(&self) -> u32 {
        self.requests.saturating_sub(self.answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection between nodes 0 and 1, 10 microseconds apart: (kind, when it left).
    fn wire(messages: &[(MessageKind, u64)]) -> Vec<Sent> {
        let [a, b] = [NodeId::new(0), NodeId::new(1)];
        let sent = |&(kind, at): &(MessageKind, u64)| {
            let back = !kind.is_forward();
            let (from, to) = if back { (b, a) } else { (a, b) };
            Sent { at: Instant(at), arrives: Instant(at + 10), ordinal: 0, kind, from, to, conn: 4, flight: 0, root: 0 }
        };
        messages.iter().map(sent).collect()
    }

    /// What either end knows at a moment.
    fn check(tls: Tls, messages: &[(MessageKind, u64)], now: u64, expect: (Known, Known)) {
        let known: Vec<(MessageKind, u64)> = messages.iter().copied().filter(|&(_, at)| at <= now).collect();
        let sent = wire(&known);
        let end = |node| End::of(&sent, (4, tls), NodeId::new(node), Instant(now), Known::Nothing).known;
        assert_eq!((end(0), end(1)), expect, "at {now}");
    }

    #[test]
    fn the_ends_of_a_handshake_know_different_things() {
        use MessageKind::*;
        let all = [(Syn, 0), (SynAck, 10), (Ack, 20), (Request, 20), (Response, 40), (Fin, 60)];
        check(Tls::None, &all, 0, (Known::Asked, Known::Nothing));
        check(Tls::None, &all, 10, (Known::Asked, Known::Answered));
        check(Tls::None, &all, 20, (Known::Open, Known::Answered));
        check(Tls::None, &all, 30, (Known::Open, Known::Open));
        check(Tls::None, &all, 60, (Known::Closing, Known::Open));
        check(Tls::None, &all, 70, (Known::Closing, Known::Closed));
    }

    #[test]
    fn tls_lies_between_the_handshake_and_the_first_request() {
        use MessageKind::*;
        let full = [(Syn, 0), (SynAck, 10), (Ack, 20), (ClientHello, 20), (ServerHello, 30), (ClientFinished, 40), (ServerFinished, 50)];
        check(Tls::Tls12, &full, 25, (Known::Securing, Known::Answered));
        check(Tls::Tls12, &full, 40, (Known::Securing, Known::Securing));
        check(Tls::Tls12, &full, 50, (Known::Securing, Known::Open));
        check(Tls::Tls12, &full, 60, (Known::Open, Known::Open));
        let short = [(Syn, 0), (SynAck, 10), (Ack, 20), (ClientHello, 20), (ServerHello, 30), (Request, 40)];
        check(Tls::Tls13, &short, 35, (Known::Securing, Known::Securing));
        check(Tls::Tls13, &short, 40, (Known::Open, Known::Securing));
        check(Tls::Tls13, &short, 50, (Known::Open, Known::Open));
        let early = [(Syn, 0), (SynAck, 10), (Ack, 20), (ClientHello, 20), (Request, 20), (ServerHello, 30)];
        check(Tls::EarlyData, &early, 30, (Known::Open, Known::Open));
        check(Tls::EarlyData, &early, 40, (Known::Open, Known::Open));
    }

    #[test]
    fn a_close_that_crosses_a_request_is_known_at_one_end_only() {
        use MessageKind::*;
        let all = [(Syn, 0), (SynAck, 10), (Ack, 20), (FinBack, 50), (Request, 55), (Rst, 65)];
        check(Tls::None, &all, 55, (Known::Open, Known::Closing));
        check(Tls::None, &all, 60, (Known::Closed, Known::Closing));
        check(Tls::None, &all, 65, (Known::Closed, Known::Cut));
        check(Tls::None, &all, 75, (Known::Cut, Known::Cut));
    }

    #[test]
    fn an_end_counts_what_has_reached_it() {
        use MessageKind::*;
        let sent = wire(&[(Request, 0), (Response, 20), (Request, 25)]);
        let end = |node, now| End::of(&sent, (4, Tls::None), NodeId::new(node), Instant(now), Known::Open);
        let (opener, far) = (end(0, 26), end(1, 26));
        assert_eq!((opener.requests, opener.answers, opener.under_way()), (2, 0, 2), "the answer is still on its way");
        assert_eq!((far.requests, far.answers, far.under_way(), far.last), (1, 1, 0, Instant(20)));
        assert_eq!(end(0, 40).under_way(), 1);
    }
}
