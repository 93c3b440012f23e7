//! A `backend` section at work: servers, their slots and the queues before them
//! (`assign_server_and_queue` of `backend.c`, `process_srv_queue` of `queue.c`).

use crate::time::{Duration, Instant};

use super::control::{AdminState, Control, NewWeight, Turned, WeightRefused};
use super::lookup::{Ask, Lookup, Method};
use super::pool::{Change, InUse, Pool, ServerLine};
use super::queue::{Queue, Turn};
use super::ranks::Ranks;

/// What a `backend` section says.
#[derive(Clone, Debug)]
pub struct Config {
    /// `balance` and `hash-type`.
    pub method: Method,
    /// `hash-balance-factor`, in percent; 0 is no bound.
    pub factor: u32,
    /// Its `server` lines.
    pub servers: Vec<ServerLine>,
    /// `option allbackups`.
    pub all_backups: bool,
    /// `option redispatch`: who waits for a server that goes down goes elsewhere.
    pub redispatch: bool,
    /// `fullconn`; where it is not said, a tenth of the connections of all frontends before it.
    pub fullconn: u32,
    /// `timeout queue`; none waits for ever.
    pub queue_timeout: Option<Duration>,
}

/// A request that comes to the backend.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// What it brings to the choice.
    pub ask: Ask,
    /// Its priority class; the lower the sooner it leaves a queue. 0 when nothing is said.
    pub class: i32,
    /// By how many milliseconds it is taken to have come later.
    pub offset: i32,
}

/// The number of a request that is in the backend. It is used again when the request has left.
pub type Ticket = u32;

/// What became of a request that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placed {
    /// A server has it, by index.
    Served(u32),
    /// It waits: for that server, or in the backend's queue for any.
    Queued(Option<u32>),
    /// No server is usable: 503.
    NoServer,
    /// The server that the hash or the queue leads to has its own queue full: 503.
    QueueFull,
}

/// What happened to a request that waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A server has it now, by index.
    Served(Ticket, u32),
    /// It has waited for too long, or there is nobody left to wait for: 503. It has left.
    Refused(Ticket),
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Outside,
    /// At a server, in a slot or beside them.
    Served {
        server: u32,
        slot: bool,
    },
    Queued(Option<u32>, Turn),
}

#[derive(Clone, Copy, Debug)]
struct Request {
    place: Place,
    arrival: Arrival,
}

/// A backend at work. Time only goes forward.
#[derive(Clone, Debug)]
pub struct Backend {
    config: Config,
    pool: Pool,
    lookup: Lookup,
    controls: Vec<Control>,
    /// What the weights are multiplied by, and divided by.
    scale: (u32, u32),
    requests: Vec<Request>,
    left: Vec<Ticket>,
    queue: Queue,
    queues: Vec<Queue>,
    /// When those that wait give up, in microseconds.
    deadlines: Ranks,
    /// When the weights of those that start go up next, in microseconds.
    warmups: Ranks,
    now: Instant,
    events: Vec<Event>,
}

/// How often a slow start looks at the clock. HAProxy means "a twentieth of the slow start, at
/// least a second", but counts the twentieth in seconds and takes it for milliseconds.
const WARM_UP: Duration = Duration::from_secs(1);

impl Backend {
    /// A backend whose servers have nothing to do yet, at the start of time.
    pub fn new(config: Config) -> Self {
        let scale = config.method.weighing(&config.servers);
        let mut pool = Pool::new(&config.servers, config.all_backups, scale.0, scale.1);
        pool.fullconn = config.fullconn.max(1);
        Self {
            lookup: Lookup::new(config.method, &pool, &config.servers, config.factor),
            controls: config.servers.iter().map(Control::new).collect(),
            queues: vec![Queue::default(); config.servers.len()],
            pool,
            config,
            scale,
            requests: Vec::new(),
            left: Vec::new(),
            queue: Queue::default(),
            deadlines: Ranks::default(),
            warmups: Ranks::default(),
            now: Instant::START,
            events: Vec::new(),
        }
    }

    /// How many servers are usable now; a hash is not even computed for a single one.
    pub fn usable(&self) -> u32 {
        self.pool.used().count
    }

    /// Requests that a server has now.
    pub fn served(&self, server: u32) -> u32 {
        self.pool.server(server).sessions
    }

    /// Requests that wait for a server alone.
    pub fn queued(&self, server: u32) -> u32 {
        self.pool.server(server).queued
    }

    /// Requests in the backend, being served or waiting, and those of them that wait for any server.
    pub fn present(&self) -> (u32, u32) {
        (self.pool.present, self.queue.len())
    }

    /// A server's state in the words of `show stat`, without health checks.
    pub fn status(&self, server: u32) -> &'static str {
        self.controls[server as usize].status()
    }

    /// A server's weight as `show stat` shows it: what it has now, rounded up to whole ones.
    pub fn weight(&self, server: u32) -> u32 {
        let (scale, divisor) = self.scale;
        (self.pool.server(server).eweight * divisor).div_ceil(scale)
    }

    /// What happened to those that waited since this was last asked, in order.
    pub fn events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

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

    /// A request comes now. The ticket is its name until it leaves; one that is refused has left.
    pub fn arrive(&mut self, arrival: &Arrival) -> (Ticket, Placed) {
        let ticket = self.enter(arrival);
        let placed = self.assign(ticket);
        (ticket, self.settle(ticket, placed))
    }

    /// A request comes now that something else than the balancing sends to a server, such as a
    /// cookie or a stick table.
    pub fn arrive_for(&mut self, server: u32, arrival: &Arrival) -> (Ticket, Placed) {
        let ticket = self.enter(arrival);
        let placed = self.take_or_queue(ticket, server);
        (ticket, self.settle(ticket, placed))
    }

    fn enter(&mut self, arrival: &Arrival) -> Ticket {
        let request = Request { place: Place::Outside, arrival: *arrival };
        let ticket = self.left.pop().unwrap_or(self.requests.len() as u32);
        match self.requests.get_mut(ticket as usize) {
            Some(place) => *place = request,
            None => self.requests.push(request),
        }
        self.pool.present += 1;
        ticket
    }

    fn settle(&mut self, ticket: Ticket, placed: Placed) -> Placed {
        if matches!(placed, Placed::NoServer | Placed::QueueFull) {
            self.gone(ticket);
        }
        placed
    }

    /// A request has its answer. Its slot goes to somebody who waits.
    pub fn finish(&mut self, ticket: Ticket) {
        let Some(&Request { place: Place::Served { server, slot }, .. }) = self.requests.get(ticket as usize) else { return };
        self.requests[ticket as usize].place = Place::Outside;
        self.pool.servers[server as usize].sessions -= 1;
        if slot {
            self.pool.servers[server as usize].served -= 1;
            self.pool.served -= 1;
            self.lookup.reposition(&self.pool, server);
        }
        self.drain_queues(server);
        self.gone(ticket);
    }

    fn gone(&mut self, ticket: Ticket) {
        self.requests[ticket as usize].place = Place::Outside;
        self.left.push(ticket);
        self.pool.present -= 1;
    }

    fn refuse(&mut self, ticket: Ticket) {
        self.events.push(Event::Refused(ticket));
        self.gone(ticket);
    }

    /// `assign_server`: who gets it, without regard to whether there is a slot.
    fn assign(&mut self, ticket: Ticket) -> Placed {
        if self.pool.used().weight == 0 {
            return Placed::NoServer;
        }
        let waiting = self.queue.len();
        let all_full = waiting > 0 && waiting != self.pool.present && self.config.method.queue_means_full();
        let ask = self.requests[ticket as usize].arrival.ask;
        match if all_full { None } else { self.lookup.pick(&self.pool, &ask) } {
            Some(server) => self.take_or_queue(ticket, server),
            None => {
                self.enqueue(ticket, None);
                Placed::Queued(None)
            }
        }
    }

    fn take_or_queue(&mut self, ticket: Ticket, index: u32) -> Placed {
        let server = self.pool.server(index);
        if self.pool.has_room(index) {
            self.serve(ticket, index);
            Placed::Served(index)
        } else if server.maxqueue > 0 && server.queued >= server.maxqueue {
            Placed::QueueFull
        } else {
            self.enqueue(ticket, Some(index));
            Placed::Queued(Some(index))
        }
    }

    fn serve(&mut self, ticket: Ticket, server: u32) {
        self.pool.servers[server as usize].served += 1;
        self.pool.served += 1;
        self.connect(ticket, server, true);
    }

    fn connect(&mut self, ticket: Ticket, server: u32, slot: bool) {
        self.requests[ticket as usize].place = Place::Served { server, slot };
        self.pool.servers[server as usize].sessions += 1;
        self.lookup.reposition(&self.pool, server);
    }

    fn enqueue(&mut self, ticket: Ticket, server: Option<u32>) {
        let Arrival { class, offset, .. } = self.requests[ticket as usize].arrival;
        let turn = Turn::new(class, offset, self.now.0 / 1_000);
        self.requests[ticket as usize].place = Place::Queued(server, turn);
        match server {
            Some(index) => {
                self.queues[index as usize].put(turn, ticket);
                self.pool.servers[index as usize].queued += 1;
            }
            None => self.queue.put(turn, ticket),
        }
        if let Some(timeout) = self.config.queue_timeout {
            self.deadlines.put(ticket, self.now.0.saturating_add(timeout.0));
        }
    }

    /// Takes a request out of wherever it waits.
    fn leave_queue(&mut self, ticket: Ticket) {
        match self.requests[ticket as usize].place {
            Place::Queued(Some(server), turn) => {
                self.queues[server as usize].take(turn, ticket);
                self.pool.servers[server as usize].queued -= 1;
            }
            Place::Queued(None, turn) => self.queue.take(turn, ticket),
            Place::Served { .. } | Place::Outside => {}
        }
        self.deadlines.take(ticket);
    }

    /// Whether a server may take from the backend's queue: not one that is away, and a backup
    /// server only when it is used.
    fn takes_from_backend(&self, index: u32) -> bool {
        let server = self.pool.server(index);
        let used = match self.pool.in_use() {
            InUse::OneBackup(first) => first == index,
            InUse::Backups => true,
            InUse::Active | InUse::Nobody => false,
        };
        server.usable && (!server.backup || used)
    }

    /// `process_srv_queue`: fills the free slots of a server with those that wait for it and
    /// those that wait for any, in their common order; among equals its own come first.
    fn drain_queues(&mut self, index: u32) {
        let server = self.pool.server(index);
        let wanted = server.queued > 0 || (self.queue.len() > 0 && server.usable);
        if !wanted || (server.maxconn > 0 && server.sessions >= self.pool.limit(index)) {
            return;
        }
        let shared = self.takes_from_backend(index);
        while self.pool.server(index).served < self.pool.limit(index) {
            let own = self.queues[index as usize].first();
            let any = self.queue.first().filter(|_| shared);
            let from_own = match (own, any) {
                (None, None) => break,
                (Some(own), Some(any)) => own <= any,
                (own, None) => own.is_some(),
                (None, Some(_)) => false,
            };
            let queue = if from_own { &self.queues[index as usize] } else { &self.queue };
            let Some(ticket) = queue.peek() else { break };
            self.leave_queue(ticket);
            self.serve(ticket, index);
            self.events.push(Event::Served(ticket, index));
        }
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

    fn tell(&mut self, ticket: Ticket, placed: Placed) {
        match placed {
            Placed::Served(server) => self.events.push(Event::Served(ticket, server)),
            Placed::Queued(_) => {}
            Placed::NoServer | Placed::QueueFull => self.refuse(ticket),
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
}
