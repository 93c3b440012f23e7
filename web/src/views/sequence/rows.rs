//! Which messages belong into the picture of one request, in the order in which they were sent.

use hopscope_core::time::Instant;
use hopscope_core::world::{MessageKind, NodeId, Sent};

/// The most rows drawn at once; of more the last.
const MOST: usize = 80;

/// A line of the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A message, with its place among all that were sent.
    Message { place: usize, sent: Sent },
    /// So many requests and answers of others, on the same connections.
    Others(usize),
}

/// What the diagram of a request shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// The nodes on its way, from the one who asked.
    pub nodes: Vec<NodeId>,
    /// Its messages and those that its connections had besides.
    pub rows: Vec<Row>,
    /// Earlier rows for which there is no room.
    pub left_out: usize,
}

impl Rows {
    /// The messages on the connections that a request has used so far. `way` are the nodes that it
    /// will pass in any case.
    pub fn of(sent: &[Sent], root: u32, way: Vec<NodeId>) -> Self {
        let mut conns: Vec<u32> = sent.iter().filter(|s| s.root == root).map(|s| s.conn).collect();
        conns.sort_unstable();
        conns.dedup();
        let mut found = Self { nodes: way, ..Self::default() };
        for (place, &sent) in sent.iter().enumerate().filter(|(_, s)| conns.binary_search(&s.conn).is_ok()) {
            let anothers = sent.root != root && matches!(sent.kind, MessageKind::Request | MessageKind::Response);
            match found.rows.last_mut() {
                Some(Row::Others(count)) if anothers => *count += 1,
                _ if anothers => found.rows.push(Row::Others(1)),
                _ => found.rows.push(Row::Message { place, sent }),
            }
        }
        found.left_out = found.rows.len().saturating_sub(MOST);
        found.rows.drain(..found.left_out);
        for row in &found.rows {
            if let Row::Message { sent, .. } = row {
                for node in [sent.from, sent.to] {
                    if !found.nodes.contains(&node) {
                        found.nodes.push(node);
                    }
                }
            }
        }
        found
    }

    /// The messages alone.
    pub fn messages(&self) -> impl Iterator<Item = &Sent> {
        self.rows.iter().filter_map(|row| if let Row::Message { sent, .. } = row { Some(sent) } else { None })
    }

    /// The longest time that one of its messages takes, in microseconds; at least 1.
    pub fn longest(&self) -> u64 {
        self.messages().map(|s| s.arrives.since(s.at).as_micros()).max().unwrap_or(0).max(1)
    }
}

/// How an event that just happened touches a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It left before and has arrived.
    Past,
    /// It has just left, and is under way.
    Leaves,
    /// It is under way.
    UnderWay,
    /// It has just arrived.
    Arrives,
}

impl Stands {
    /// Where a message is at a moment, the event at `position` being the last.
    pub fn of(sent: &Sent, position: u32, now: Instant) -> Self {
        match (sent.arrives > now, sent.ordinal == position) {
            (true, true) => Self::Leaves,
            (true, false) => Self::UnderWay,
            // What takes no time is there with the event that sends it.
            (false, _) if sent.arrives == now => Self::Arrives,
            (false, _) => Self::Past,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: u32 = 7;
    const OTHER: u32 = 8;

    fn sent(conn: u32, root: u32, kind: MessageKind, at: u64, takes: u64, way: (usize, usize)) -> Sent {
        let (from, to) = (NodeId::new(way.0), NodeId::new(way.1));
        Sent { at: Instant(at), arrives: Instant(at + takes), ordinal: at as u32, kind, from, to, conn, flight: root, root }
    }

    fn shown(rows: &Rows) -> String {
        let row = |row: &Row| match row {
            Row::Message { place, sent } => format!("{place}:{:?}", sent.kind),
            Row::Others(count) => format!("{count} others"),
        };
        rows.rows.iter().map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_request_has_the_messages_of_its_connections_and_those_of_others_as_a_number() {
        use MessageKind::*;
        let all = [
            sent(0, OTHER, Syn, 0, 5, (0, 1)),
            sent(0, OTHER, SynAck, 5, 5, (1, 0)),
            sent(0, OTHER, Request, 10, 5, (0, 1)),
            sent(9, OTHER, Syn, 15, 5, (1, 3)),
            sent(0, OTHER, Response, 20, 5, (1, 0)),
            sent(0, ME, Request, 30, 5, (0, 1)),
            sent(1, ME, Syn, 35, 2, (1, 2)),
        ];
        let rows = Rows::of(&all, ME, vec![NodeId::new(0), NodeId::new(1)]);
        assert_eq!(shown(&rows), "0:Syn 1:SynAck 2 others 5:Request 6:Syn");
        assert_eq!(rows.nodes, [0, 1, 2].map(NodeId::new), "the way and then whoever else was asked");
        assert_eq!((rows.longest(), rows.left_out), (5, 0));
        assert_eq!(shown(&Rows::of(&all, 3, Vec::new())), "", "a request that has sent nothing");
    }

    #[test]
    fn of_many_rows_the_last_are_kept() {
        let all: Vec<Sent> = (0..200).map(|at| sent(0, ME, MessageKind::Request, at, 1, (0, 1))).collect();
        let rows = Rows::of(&all, ME, Vec::new());
        assert_eq!((rows.rows.len(), rows.left_out), (MOST, 200 - MOST));
        assert!(shown(&rows).ends_with("199:Request"));
    }

    #[test]
    fn a_message_leaves_travels_arrives_and_is_past() {
        let message = sent(0, ME, MessageKind::Syn, 10, 5, (0, 1));
        for (position, now, expect) in [
            (10, 10, Stands::Leaves),
            (11, 12, Stands::UnderWay),
            (12, 15, Stands::Arrives),
            (13, 15, Stands::Arrives),
            (14, 16, Stands::Past),
        ] {
            assert_eq!(Stands::of(&message, position, Instant(now)), expect, "event {position} at {now}");
        }
    }
}
