//! Stand-in for what the core will give.
use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Syn,
    SynAck,
    Ack,
    ClientHello,
    ServerHello,
    ClientFinished,
    ServerFinished,
    Request,
    Response,
    Fin,
    FinBack,
    Rst,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    pub at: Instant,
    pub arrives: Instant,
    pub ordinal: u32,
    pub kind: MessageKind,
    pub from: NodeId,
    pub to: NodeId,
    pub conn: u32,
    pub flight: u32,
    pub root: u32,
}

pub fn message_kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Syn => "SYN",
        MessageKind::SynAck => "SYN-ACK",
        MessageKind::Ack => "ACK",
        MessageKind::ClientHello => "ClientHello",
        MessageKind::ServerHello => "ServerHello",
        MessageKind::ClientFinished => "Finished",
        MessageKind::ServerFinished => "Finished",
        MessageKind::Request => "request",
        MessageKind::Response => "response",
        MessageKind::Fin | MessageKind::FinBack => "FIN",
        MessageKind::Rst => "RST",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolView {
    pub node: NodeId,
    pub pool: u16,
    pub member: u16,
    pub slots: Vec<SlotView>,
    pub waiting: u32,
    pub limit: u32,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotView {
    pub conn: u32,
    pub state: SlotState,
    pub carried: u32,
    pub since: Instant,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    Dialing,
    Securing,
    Idle,
    Busy,
    Closing,
}
impl MessageKind {
    pub const fn is_forward(self) -> bool {
        matches!(self, Self::Syn | Self::Ack | Self::ClientHello | Self::ClientFinished | Self::Request | Self::Fin)
    }
}
