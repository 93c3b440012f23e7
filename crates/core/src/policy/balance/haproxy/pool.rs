//! The servers of a backend and their weights (`recount_servers`, `update_backend_weight`).

/// What one user weight is worth in effective weight with the dynamic algorithms
/// (`BE_WEIGHT_SCALE`), so that a slow start can give a server a part of a weight of 1.
pub(crate) const SCALE: u32 = 16;

/// The highest weight that a server can have (`SRV_UWGHT_MAX`).
pub const HIGHEST_WEIGHT: u32 = 256;

/// A `server` line of a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerLine {
    /// Its number (`id`), unique in the backend; by default its place in it, from 1.
    pub id: u32,
    /// Its `weight`, 0 to 256.
    pub weight: u32,
    /// Whether it is used only when no other is left.
    pub backup: bool,
    /// Whether it starts in maintenance.
    pub disabled: bool,
    /// How many requests it may have at once (`maxconn`); 0 is no limit.
    pub maxconn: u32,
    /// What `maxconn` shrinks to while the backend has little to do (`minconn`); 0 is no shrinking.
    pub minconn: u32,
    /// How many may wait for this server alone (`maxqueue`); 0 is no limit.
    pub maxqueue: u32,
    /// For how long it gets less than its weight after it has come back (`slowstart`), in seconds.
    pub slowstart: u32,
}

impl ServerLine {
    /// A line that says no more than the server's number and weight.
    pub const fn new(id: u32, weight: u32) -> Self {
        Self { id, weight, backup: false, disabled: false, maxconn: 0, minconn: 0, maxqueue: 0, slowstart: 0 }
    }
}

/// A server as the algorithms see it.
#[derive(Clone, Debug)]
pub struct Server {
    pub(crate) id: u32,
    pub(crate) backup: bool,
    /// Its effective weight (`cur_eweight`).
    pub(crate) eweight: u32,
    /// Whether it can be given anything new (`srv_currently_usable`).
    pub(crate) usable: bool,
    pub(crate) maxconn: u32,
    pub(crate) minconn: u32,
    pub(crate) maxqueue: u32,
    /// Since when and for how long `maxconn` is cut by a slow start, in whole seconds.
    pub(crate) warming: Option<(u64, u32)>,
    /// Slots that are taken (`served`).
    pub(crate) served: u32,
    /// Requests that it has now (`cur_sess`). Those that it took from the backend's queue when it
    /// came back take no slot, so that it can have more than `maxconn`.
    pub(crate) sessions: u32,
    /// Requests that wait for it alone.
    pub(crate) queued: u32,
}

/// How many servers of one kind are usable, and what they weigh together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) count: u32,
    pub(crate) weight: u32,
}

/// Who is used now: HAProxy turns to backup servers only when no other server is usable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InUse {
    Active,
    /// The first usable backup server in the order of the lines.
    OneBackup(u32),
    /// All backup servers (`option allbackups`).
    Backups,
    Nobody,
}

/// What a change of a server's weight or state means to an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    Up,
    Down,
    /// It stays usable with another weight.
    Weight,
}

/// The servers of a backend, who of them is usable, and what they have to do.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(crate) servers: Vec<Server>,
    active: Share,
    backup: Share,
    first_backup: Option<u32>,
    all_backups: bool,
    /// Slots that are taken at all servers.
    pub(crate) served: u32,
    /// Requests in the backend, being served or waiting (`beconn`).
    pub(crate) present: u32,
    /// At how many requests in the backend every server is allowed its `maxconn` (`fullconn`).
    pub(crate) fullconn: u32,
    /// The whole seconds of the clock.
    pub(crate) second: u64,
}

impl Pool {
    /// A pool of servers whose weights are multiplied by `scale` and divided by `divisor`.
    pub(crate) fn new(lines: &[ServerLine], all_backups: bool, scale: u32, divisor: u32) -> Self {
        let server = |line: &ServerLine| {
            let eweight = effective(line.weight, scale, divisor);
            // Where only one of the two is said it stands for both; where the lower is higher it wins.
            let minconn = if line.minconn == 0 { line.maxconn } else { line.minconn };
            Server {
                id: line.id,
                backup: line.backup,
                eweight,
                usable: eweight > 0 && !line.disabled,
                maxconn: line.maxconn.max(minconn),
                minconn,
                maxqueue: line.maxqueue,
                warming: None,
                served: 0,
                sessions: 0,
                queued: 0,
            }
        };
        let servers = lines.iter().map(server).collect();
        let mut pool = Self {
            servers,
            active: Share::default(),
            backup: Share::default(),
            first_backup: None,
            all_backups,
            served: 0,
            present: 0,
            fullconn: 1,
            second: 0,
        };
        for i in 0..pool.servers.len() as u32 {
            pool.count(i, true);
        }
        pool.find_first_backup();
        pool
    }

    pub(crate) fn server(&self, index: u32) -> &Server {
        &self.servers[index as usize]
    }

    /// The numbers of all servers, in the order of their lines.
    pub(crate) fn indices(&self) -> std::ops::Range<u32> {
        0..self.servers.len() as u32
    }

    /// What the usable servers of one kind weigh together.
    pub(crate) const fn weight(&self, backup: bool) -> u32 {
        if backup { self.backup.weight } else { self.active.weight }
    }

    /// Who is used now.
    pub(crate) const fn in_use(&self) -> InUse {
        match self.first_backup {
            _ if self.active.count > 0 => InUse::Active,
            Some(index) => InUse::OneBackup(index),
            None if self.backup.count > 0 => InUse::Backups,
            None => InUse::Nobody,
        }
    }

    /// How many servers are used and what they weigh together (`tot_used`, `tot_weight`).
    pub(crate) fn used(&self) -> Share {
        match self.in_use() {
            InUse::Active => self.active,
            InUse::OneBackup(index) => Share { count: 1, weight: self.server(index).eweight },
            InUse::Backups | InUse::Nobody => self.backup,
        }
    }

    /// Sets a server's weight and whether it may be used; what that changes for an algorithm.
    pub(crate) fn change(&mut self, index: u32, eweight: u32, allowed: bool) -> Change {
        let usable = allowed && eweight > 0;
        let server = self.server(index);
        let (was_usable, old) = (server.usable, server.eweight);
        self.count(index, false);
        let server = &mut self.servers[index as usize];
        (server.usable, server.eweight) = (usable, eweight);
        self.count(index, true);
        match (was_usable, usable) {
            (true, true) if old == eweight => Change::Nothing,
            (true, true) => Change::Weight,
            (false, false) => Change::Nothing,
            (_, up) => {
                self.find_first_backup();
                if up { Change::Up } else { Change::Down }
            }
        }
    }

    fn count(&mut self, index: u32, add: bool) {
        let Server { backup, usable, eweight, .. } = *self.server(index);
        if !usable {
            return;
        }
        let share = if backup { &mut self.backup } else { &mut self.active };
        if add {
            (share.count, share.weight) = (share.count + 1, share.weight.wrapping_add(eweight));
        } else {
            (share.count, share.weight) = (share.count - 1, share.weight.wrapping_sub(eweight));
        }
    }

    fn find_first_backup(&mut self) {
        let first = self.servers.iter().position(|server| server.backup && server.usable);
        self.first_backup = first.filter(|_| !self.all_backups).map(|i| i as u32);
    }

    /// How many requests a server may have now (`srv_dynamic_maxconn`). Only of use for one
    /// that has a limit.
    pub(crate) fn limit(&self, index: u32) -> u32 {
        let server = self.server(index);
        let limit = if self.present >= self.fullconn || server.minconn == server.maxconn {
            server.maxconn
        } else {
            let part = u64::from(self.present) * u64::from(server.maxconn) / u64::from(self.fullconn);
            server.minconn.max(part as u32)
        };
        match server.warming {
            Some((since, span)) if (since..since + u64::from(span)).contains(&self.second) => {
                let percent = 100 * (self.second - since) / u64::from(span);
                (u64::from(limit) * percent / 100).max(1) as u32
            }
            _ => limit,
        }
    }

    /// Whether a server has a slot to give, and nobody waits for one.
    pub(crate) fn has_room(&self, index: u32) -> bool {
        let server = self.server(index);
        server.maxconn == 0 || (server.queued == 0 && server.served < self.limit(index))
    }
}

/// The effective weight: in units of `1 / scale`, divided by what all weights have in common,
/// rounded up.
pub(crate) const fn effective(weight: u32, scale: u32, divisor: u32) -> u32 {
    (weight * scale).div_ceil(divisor)
}
