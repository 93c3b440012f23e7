use super::*;
use crate::views::wired::*;
use crate::views::{connections, sequence, slots};
use hopscope_core::world::NodeId;

#[test]
fn preview() {
    let mut lab = written(
        "horizon = \"10s\"\n[[clients]]\nname = \"browser\"\ntarget = \"proxy\"\nusers = 1\narrivals = { at = { times = [\"10ms\"] } }\n[[proxies]]\nname = \"proxy\"\nlayer = \"l7\"\npools = [{ name = \"pool\", members = [{ node = \"origin\" }] }]\n[[backends]]\nname = \"origin\"\n[[links]]\nfrom = \"browser\"\nto = \"proxy\"\nlatency = \"20ms\"\n",
    );
    lab.nodes = vec![("browser".into(), "Browser".into()), ("proxy".into(), "Reverse proxy".into()), ("origin".into(), "Backend".into())];
    let mut t = run(&lab);
    seek(&mut t, 50);
    let n = |i: usize| NodeId::new(i);
    use MessageKind::*;
    let mut all = Vec::new();
    let mut m = |ms: u64, took: u64, ordinal, kind, from: usize, to: usize, conn| {
        all.push(Sent {
            at: Instant(ms * 100),
            arrives: Instant((ms + took) * 100),
            ordinal,
            kind,
            from: n(from),
            to: n(to),
            conn,
            flight: 0,
            root: 0,
        })
    };
    m(100, 200, 1, Syn, 0, 1, 0);
    m(300, 200, 2, SynAck, 1, 0, 0);
    m(500, 200, 3, Ack, 0, 1, 0);
    m(500, 200, 3, Request, 0, 1, 0);
    m(700, 10, 5, Syn, 1, 2, 1);
    m(710, 10, 6, SynAck, 2, 1, 1);
    m(720, 10, 7, Ack, 1, 2, 1);
    m(720, 10, 7, ClientHello, 1, 2, 1);
    m(730, 10, 8, ServerHello, 2, 1, 1);
    m(740, 10, 8, Request, 1, 2, 1);
    m(750, 10, 9, Response, 2, 1, 1);
    m(760, 200, 10, Response, 1, 0, 0);
    m(765, 10, 11, Rst, 2, 1, 1);
    seek(&mut t, 78);
    let slot = |conn, state, carried| SlotView { conn, state, carried, since: Instant(10_000) };
    let pools = [
        PoolView {
            node: n(1),
            pool: 0,
            member: 0,
            waiting: 3,
            limit: 8,
            slots: vec![
                slot(1, SlotState::Busy, 3),
                slot(2, SlotState::Idle, 112),
                slot(3, SlotState::Dialing, 0),
                slot(4, SlotState::Securing, 0),
                slot(5, SlotState::Closing, 7),
            ],
        },
        PoolView {
            node: n(1),
            pool: 0,
            member: 0,
            waiting: 0,
            limit: 0,
            slots: vec![slot(1, SlotState::Busy, 3), slot(2, SlotState::Idle, 112)],
        },
    ];
    for k in [2usize, 13] {
        let part = &all[..k];
        let html = format!(
            "<section class=lab-picture data-part=sequence tabindex=0>{}</section><section class=lab-picture data-part=connections tabindex=0>{}</section><section class=lab-picture data-part=slots tabindex=0>{}</section>",
            sequence::draw(&t, &lab, Some(0), part),
            connections::draw(&t, &lab, Some(0), part),
            slots::draw(&t, &lab, &pools)
        );
        std::fs::write(format!("/tmp/views-preview-{k}.html"), html).unwrap();
    }
}
