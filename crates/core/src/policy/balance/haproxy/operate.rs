//! What the clock and an operator do to a backend at work (`server.c`, and what of `queue.c`
//! belongs to servers that come and go).

use crate::time::{Duration, Instant};

use super::backend::{Backend, Event};
use super::control::{AdminState, NewWeight, Turned, WeightRefused};
use super::pool::Change;

/// How often a slow start looks at the clock. HAProxy means "a twentieth of the slow start, at
/// least a second", but counts the twentieth in seconds and takes it for milliseconds.
const WARM_UP: Duration = Duration::from_secs(1);

impl Backend {
    /// Lets time pass until then: requests give up waiting, slow starts go on.
    pub fn advance(&mut self, to: Instant) {
        loop {
            let (deadline, warmup) = (self.deadlines.lowest(), self.warmups.lowest());
            let Some(next) = [deadline, warmup].into_iter().flatten().min().filter(|&at| at <= to.0) else { break };
            self.set_clock(Instant(next));
            if deadline == Some(next) {
                self.expire();
            } else {
                self.warm_up();
            }
        }
        self.set_clock(to.max(self.now));
    }

    fn set_clock(&mut self, now: Instant) {
        self.now = now;
        self.pool.second = now.0 / Duration::from_secs(1).0;
    }

    fn expire(&mut self) {
        let Some(ticket) = self.deadlines.first() else { return };
        self.leave_queue(ticket);
        self.refuse(ticket);
    }

    fn warm_up(&mut self) {
        let Some(server) = self.warmups.first() else { return };
        self.warmups.take(server);
        if !self.controls[server as usize].warms_up() {
            return;
        }
        self.weigh(server);
        self.grab(server);
        if self.controls[server as usize].is_starting() {
            self.warmups.put(server, self.now.0 + WARM_UP.0);
        }
    }

    /// Works out a server's weight and brings it to the algorithm, with its state.
    fn weigh(&mut self, server: u32) {
        let control = &mut self.controls[server as usize];
        let (eweight, allowed) = control.weigh(self.pool.second, self.scale.0, self.scale.1);
        self.pool.servers[server as usize].warming = control.warming();
        self.change(server, eweight, allowed);
    }

    fn change(&mut self, server: u32, eweight: u32, allowed: bool) {
        let change = self.pool.change(server, eweight, allowed);
        if change != Change::Nothing {
            self.lookup.change(&self.pool, server, change);
        }
    }

    /// `set server <backend>/<server> weight`.
    ///
    /// # Errors
    /// When the weight is above 256, or the algorithm is static and the weight neither 0 nor the
    /// configured one.
    pub fn set_weight(&mut self, server: u32, weight: NewWeight) -> Result<(), WeightRefused> {
        let control = &mut self.controls[server as usize];
        control.set_weight(weight, self.config.method.is_dynamic())?;
        // In maintenance it is kept for later, and not shown either.
        if !control.is_in_maintenance() {
            self.weigh(server);
        }
        Ok(())
    }

    /// `set server <backend>/<server> state`, `enable server` and `disable server`.
    pub fn set_state(&mut self, server: u32, wish: AdminState) {
        for again in [false, true] {
            let turned = self.controls[server as usize].step(wish, again, self.pool.second);
            match turned {
                Turned::Unchanged => {}
                Turned::Weight => self.weigh(server),
                Turned::Back => self.come_back(server),
                Turned::Away => {
                    self.pool.servers[server as usize].warming = self.controls[server as usize].warming();
                    self.change(server, self.pool.server(server).eweight, false);
                    self.redistribute(server);
                }
            }
        }
    }

    fn come_back(&mut self, server: u32) {
        self.weigh(server);
        let next = self.now.0 + WARM_UP.0;
        // A look at the clock that is planned already is not put off.
        if self.controls[server as usize].is_starting() && self.warmups.key(server).is_none_or(|planned| planned > next) {
            self.warmups.put(server, next);
        }
        self.grab(server);
    }

    /// `set maxconn server <backend>/<server>`.
    pub fn set_maxconn(&mut self, index: u32, maxconn: u32) {
        let server = &mut self.pool.servers[index as usize];
        if server.maxconn == server.minconn {
            server.minconn = maxconn;
        }
        server.maxconn = maxconn;
        self.drain_queues(index);
    }

    /// `pendconn_grab_from_px`: a server that has come back takes what it can from the backend's
    /// queue. HAProxy 2.6 forgets to give these requests slots.
    fn grab(&mut self, index: u32) {
        if !self.takes_from_backend(index) {
            return;
        }
        let server = self.pool.server(index);
        let room = if server.maxconn == 0 { u32::MAX } else { self.pool.limit(index).saturating_sub(server.served) };
        for _ in 0..room {
            let Some(ticket) = self.queue.peek() else { break };
            self.leave_queue(ticket);
            self.connect(ticket, index, false);
            self.events.push(Event::Served(ticket, index));
        }
    }

    /// `pendconn_redistribute`: those that wait for a server that is away are balanced anew.
    fn redistribute(&mut self, server: u32) {
        if !self.config.redispatch {
            return;
        }
        let mut tickets = Vec::new();
        while let Some(ticket) = self.queues[server as usize].peek() {
            self.leave_queue(ticket);
            tickets.push(ticket);
        }
        for ticket in tickets {
            self.requests[ticket as usize].arrival.ask.avoid = Some(server);
            let placed = self.assign(ticket);
            self.tell(ticket, placed);
        }
    }
}
