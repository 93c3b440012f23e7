//! What a pool answers, and why.

/// What becomes of a request that wants a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer<C> {
    /// It is sent on this idle connection.
    Reuse(C),
    /// A connection is opened for it; [`super::Pool::opened`] says which.
    Open,
    /// It waits; it is handed out later by [`super::Pool::release`] or [`super::Pool::next`].
    Wait,
    /// It is refused: a proxy answers 503.
    Refuse,
}

/// What becomes of a connection whose request has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release<C, R> {
    /// It is kept idle.
    Keep,
    /// It is kept idle, and this other one is closed for it.
    KeepAndClose(C),
    /// This request, which waited for it, is sent on it at once.
    Pass(R),
    /// It is closed.
    Close,
}

/// What has run out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expired<C, R> {
    /// This idle connection is closed.
    Idle(C),
    /// This request has waited for too long: a proxy answers 503.
    Waited(R),
}

/// Why a pool answered as it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Of the idle connections to its member it was used last.
    UsedLast,
    /// Of the idle connections to its member it has been idle for longest.
    IdleLongest,
    /// No connection to its member is idle.
    NoneIdle,
    /// So many connections to its member are all that may be open, and all are taken.
    AllTaken(u32),
    /// So many requests wait for its member already, and more may not.
    QueueFull(u32),
    /// A connection has become free for the one that has waited for longest.
    Handed,
    /// There is room for it.
    Room,
    /// So many are idle already, and more are not kept.
    EnoughIdle(u32),
    /// The cache is full: who has been idle for longest goes.
    PushedOut,
    /// One of its ends has said that it closes it, or it is broken.
    NotReusable,
    /// It has carried so many requests, and more it may not.
    UsedUp(u32),
    /// It is older than a connection may become.
    TooOld,
    /// It has been idle for as long as it may.
    IdleTimeout,
    /// It has waited for as long as it may.
    WaitTimeout,
    /// The limit has been lowered, and it has been idle for longest.
    LimitLowered,
    /// Some are idle, and this request may have none of them: it is the first of its client, and
    /// only its client could repeat it (HAProxy `http-reuse`).
    NotForFirst,
    /// It belongs to the client whose request this is (HAProxy `http-reuse never`).
    OwnClient,
    /// It has been reused before, so it will most likely work (HAProxy's safe list).
    ProvenSafe,
    /// More are open than were needed of late (HAProxy's estimate).
    NotNeeded,
}
