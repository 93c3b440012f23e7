//! A `backend` section at work: servers, their slots and the queues before them
//! (`assign_server_and_queue` of `backend.c`, `process_srv_queue` of `queue.c`).

use crate::time::{Duration, Instant};

use super::control::Control;
use super::lookup::{Ask, Lookup, Method};
use super::pool::{InUse, Pool, ServerLine};
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
pub(super) struct Request {
    place: Place,
    pub(super) arrival: Arrival,
}

/// A backend at work. Time only goes forward.
#[derive(Clone, Debug)]
pub struct Backend {
    pub(super) config: Config,
    pub(super) pool: Pool,
    pub(super) lookup: Lookup,
    pub(super) controls: Vec<Control>,
    /// What the weights are multiplied by, and divided by.
    pub(super) scale: (u32, u32),
    pub(super) requests: Vec<Request>,
    pub(super) left: Vec<Ticket>,
    pub(super) queue: Queue,
    pub(super) queues: Vec<Queue>,
    /// When those that wait give up, in microseconds.
    pub(super) deadlines: Ranks,
    /// When the weights of those that start go up next, in microseconds.
    pub(super) warmups: Ranks,
    pub(super) now: Instant,
    pub(super) events: Vec<Event>,
}

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

    pub(super) fn refuse(&mut self, ticket: Ticket) {
        self.events.push(Event::Refused(ticket));
        self.gone(ticket);
    }

    /// `assign_server`: who gets it, without regard to whether there is a slot.
    pub(super) fn assign(&mut self, ticket: Ticket) -> Placed {
        if self.pool.used().weight == 0 {
            return Placed::NoServer;
        }
        let waiting = self.queue.len();
        let all_full = waiting > 0 && waiting != self.pool.present && self.config.method.queue_means_full();
        let Ask { hash, avoid, draw } = self.requests[ticket as usize].arrival.ask;
        let ask = Ask { hash: hash.filter(|_| self.config.method.hashes()), avoid, draw };
        match if all_full { None } else { self.lookup.pick(&self.pool, &ask) } {
            Some(server) => self.take_or_queue(ticket, server),
            None => {
                self.enqueue(ticket, None);
                Placed::Queued(None)
            }
        }
    }

    pub(super) fn take_or_queue(&mut self, ticket: Ticket, index: u32) -> Placed {
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

    pub(super) fn connect(&mut self, ticket: Ticket, server: u32, slot: bool) {
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
    pub(super) fn leave_queue(&mut self, ticket: Ticket) {
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
    pub(super) fn takes_from_backend(&self, index: u32) -> bool {
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
    pub(super) fn drain_queues(&mut self, index: u32) {
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

    pub(super) fn tell(&mut self, ticket: Ticket, placed: Placed) {
        match placed {
            Placed::Served(server) => self.events.push(Event::Served(ticket, server)),
            Placed::Queued(_) => {}
            Placed::NoServer | Placed::QueueFull => self.refuse(ticket),
        }
    }
}
