//! What one end knows of a connection: only what it has sent and what has reached it.

use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;

use super::super::wired::{MessageKind, Sent};

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
    pub fn of(sent: &[Sent], conn: u32, node: NodeId, now: Instant, before: Known) -> Self {
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
            end.learn(at, mine, kind);
        }
        end
    }

    fn learn(&mut self, at: Instant, mine: bool, kind: MessageKind) {
        let is_over = matches!(self.known, Known::Closing | Known::Closed | Known::Cut);
        let next = match (kind, mine) {
            (MessageKind::Syn, true) => Known::Asked,
            (MessageKind::Syn, false) | (MessageKind::SynAck, true) => Known::Answered,
            (MessageKind::ClientHello | MessageKind::ServerHello | MessageKind::ClientFinished, _) => Known::Securing,
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
