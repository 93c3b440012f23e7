//! What bounds a store, and how it makes room.

use crate::time::Duration;

use super::order::Order;
use super::size::{SQUID_ICONS, SQUID_PAGE, Unit};

/// How room is made for a new object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Room {
    /// Others go until it fits. One that is larger than the store is refused, and nobody goes.
    #[default]
    Fit,
    /// Varnish: others go until it fits, but for one object no more than `limit` (`nuke_limit`).
    /// Nobody looks ahead: one that is too large takes as many with it as it may, for nothing.
    /// The object that it is to replace stays until it is there.
    Nuke {
        /// How many may go for one object.
        limit: u32,
    },
    /// Squid's memory: an object always passes through, in pieces, and is kept when everything fits
    /// once it is there. Others go for a piece that does not fit, but only at the first such moment
    /// of a second of the clock (`freeMemorySpace`, 5.7); later ones in that second are served and
    /// forgotten.
    Walk,
}

/// What bounds a store and who goes when it is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who goes first.
    pub order: Order,
    /// How much the objects may count together, in bytes of `unit`.
    pub capacity: u64,
    /// How many objects there may be; zero for any number. Squid has no such bound.
    pub count: u32,
    /// How objects are counted.
    pub unit: Unit,
    /// What never goes, in bytes of `unit`.
    pub resident: u64,
    /// The largest object that is kept, header and content, in bytes; zero for no limit.
    pub largest: u64,
    /// How room is made.
    pub room: Room,
    /// How long an object stays without being asked for (nginx `inactive`); zero for ever.
    pub inactive: Duration,
    /// What the clock shows when the run begins, in microseconds since 1970. Squid and nginx count
    /// in its whole seconds.
    pub wall: u64,
}

impl Rules {
    /// A store of so many bytes from which whoever was not used for longest goes.
    pub const fn bytes(capacity: u64) -> Self {
        Self {
            order: Order::Lru { interval: Duration::ZERO },
            capacity,
            count: 0,
            unit: Unit::Bytes,
            resident: 0,
            largest: 0,
            room: Room::Fit,
            inactive: Duration::ZERO,
            wall: 0,
        }
    }

    /// Varnish's `-s malloc,capacity` with its parameters `lru_interval` and `nuke_limit`.
    pub const fn varnish(capacity: u64, interval: Duration, limit: u32) -> Self {
        Self { order: Order::Lru { interval }, unit: Unit::Malloc, room: Room::Nuke { limit }, ..Self::bytes(capacity) }
    }

    /// Squid's `cache_mem`, `memory_replacement_policy` and `maximum_object_size_in_memory`, in one
    /// process without a disk, whose memory no other process shares.
    pub const fn squid(cache_mem: u64, order: Order, largest: u64, wall: u64) -> Self {
        let resident = SQUID_ICONS * SQUID_PAGE;
        let largest = if largest < cache_mem { largest } else { cache_mem };
        Self { order, unit: Unit::Pages, room: Room::Walk, resident, largest, wall, ..Self::bytes(cache_mem) }
    }

    /// nginx's `proxy_cache_path` with `max_size` and `inactive`. Its manager looks every now and then
    /// and leaves less than `max_size`; here there is never more.
    pub const fn nginx(max_size: u64, inactive: Duration, wall: u64) -> Self {
        Self { unit: Unit::Blocks, inactive, wall, ..Self::bytes(max_size.saturating_sub(1)) }
    }
}
