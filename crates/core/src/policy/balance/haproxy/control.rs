//! What an operator and the clock do to a server (`server.c`).

use std::fmt;

use super::pool::{HIGHEST_WEIGHT, ServerLine, effective};

/// `set server <backend>/<server> state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminState {
    /// As normal (`ready`, `enable server`).
    Ready,
    /// Nothing new but what a cookie or a stick table sends (`drain`).
    Drain,
    /// Nothing at all (`maint`, `disable server`).
    Maintenance,
}

/// `set server <backend>/<server> weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewWeight {
    /// 0 to 256.
    Absolute(u32),
    /// Percent of the weight in the configuration; more than 256 becomes 256.
    Percent(u32),
}

/// Why HAProxy refuses a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WeightRefused {
    /// It is above 256.
    TooHigh(u32),
    /// The algorithm works on a fixed table.
    Static,
}

impl fmt::Display for WeightRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooHigh(weight) => write!(f, "A weight of {weight} is above the highest, {HIGHEST_WEIGHT}; give one from 0 to 256."),
            Self::Static => {
                f.write_str("This algorithm works on a fixed table; set the weight to 0% or 100%, or balance with a dynamic one.")
            }
        }
    }
}

impl std::error::Error for WeightRefused {}

/// Whether a server runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Running,
    /// It came back and gets less than its weight for a while.
    Starting,
    Stopped,
}

/// The state of a server beyond what the algorithms see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Control {
    initial: u32,
    weight: u32,
    slowstart: u32,
    maintenance: bool,
    drain: bool,
    life: Life,
    /// The whole second of the last change of state (`last_change`).
    changed: u64,
}

/// What a change of state brings with it besides a new weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// It gets its weight anew, and can take from the backend's queue.
    Back,
    /// It keeps its weight, and who waits for it may have to go elsewhere.
    Away,
    /// It gets its weight anew.
    Weight,
    /// Nothing: it was so before.
    Unchanged,
}

impl Control {
    pub(crate) const fn new(line: &ServerLine) -> Self {
        let life = if line.disabled { Life::Stopped } else { Life::Running };
        let ServerLine { weight, slowstart, disabled, .. } = *line;
        Self { initial: weight, weight, slowstart, maintenance: disabled, drain: false, life, changed: 0 }
    }

    /// Takes a new weight, or says why not. `dynamic`: whether the algorithm can follow any.
    pub(crate) fn set_weight(&mut self, new: NewWeight, dynamic: bool) -> Result<(), WeightRefused> {
        let weight = match new {
            NewWeight::Absolute(weight) if weight > HIGHEST_WEIGHT => return Err(WeightRefused::TooHigh(weight)),
            NewWeight::Absolute(weight) => weight,
            NewWeight::Percent(percent) => (self.initial * percent.min(25_600) / 100).min(HIGHEST_WEIGHT),
        };
        if weight != 0 && weight != self.initial && !dynamic {
            return Err(WeightRefused::Static);
        }
        self.weight = weight;
        Ok(())
    }

    /// The operator's wish as the steps in which HAProxy carries it out: one flag set or cleared
    /// at a time. The first step is due when `again` is false, the second when it is true.
    pub(crate) fn step(&mut self, wish: AdminState, again: bool, second: u64) -> Turned {
        match (wish, again) {
            (AdminState::Ready, false) | (AdminState::Maintenance, true) => self.set_drain(false, second),
            (AdminState::Drain, false) => self.set_drain(true, second),
            (AdminState::Ready | AdminState::Drain, true) => self.set_maintenance(false, second),
            (AdminState::Maintenance, false) => self.set_maintenance(true, second),
        }
    }

    fn set_drain(&mut self, drain: bool, second: u64) -> Turned {
        if self.drain == drain {
            return Turned::Unchanged;
        }
        self.drain = drain;
        if self.maintenance {
            return Turned::Unchanged;
        }
        self.changed = second;
        if drain { Turned::Away } else { Turned::Weight }
    }

    fn set_maintenance(&mut self, maintenance: bool, second: u64) -> Turned {
        if self.maintenance == maintenance {
            return Turned::Unchanged;
        }
        self.maintenance = maintenance;
        self.changed = second;
        if maintenance {
            self.life = Life::Stopped;
            Turned::Away
        } else {
            self.life = if self.slowstart > 0 { Life::Starting } else { Life::Running };
            Turned::Back
        }
    }

    /// Whether it is in maintenance.
    pub(crate) const fn is_in_maintenance(&self) -> bool {
        self.maintenance
    }

    /// Whether it is in its slow start.
    pub(crate) fn is_starting(&self) -> bool {
        self.life == Life::Starting
    }

    /// Whether the clock has anything to do with it.
    pub(crate) fn warms_up(&self) -> bool {
        self.is_starting() && !self.maintenance
    }

    /// Since when and for how long its `maxconn` is cut, in whole seconds.
    pub(crate) fn warming(&self) -> Option<(u64, u32)> {
        self.is_starting().then_some((self.changed, self.slowstart))
    }

    /// Its effective weight at that second, and whether it may be used (`server_recalc_eweight`).
    /// The weight of a slow start goes up in whole seconds and begins with one part in `scale`,
    /// not with nothing. A slow start that is over ends here.
    pub(crate) fn weigh(&mut self, second: u64, scale: u32, divisor: u32) -> (u32, bool) {
        let passed = second.saturating_sub(self.changed);
        let over = second < self.changed || passed >= u64::from(self.slowstart);
        if self.is_starting() && over {
            self.life = Life::Running;
        }
        let step = if self.is_starting() && scale > 1 {
            ((u64::from(scale) * passed + u64::from(self.slowstart)) / u64::from(self.slowstart)) as u32
        } else {
            scale
        };
        let allowed = !self.maintenance && !self.drain && self.life != Life::Stopped;
        (effective(self.weight, step, divisor), allowed)
    }

    /// What `show stat` says of it: its state, where it has no health checks.
    pub(crate) const fn status(&self) -> &'static str {
        if self.maintenance {
            "MAINT"
        } else if self.drain {
            "DRAIN"
        } else {
            "no check"
        }
    }
}
