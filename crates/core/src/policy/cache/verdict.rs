//! What a cache decided, and by which clause and header. Data only: the words are put together
//! where they are shown.

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Answered from what is stored, which is fresh.
    Hit,
    /// Answered from what is stored although it is stale: somebody allows it, or nothing better
    /// can be had.
    Stale,
    /// Answered from what is stored and stale, while another request refreshes it.
    Updating,
    /// What is stored was stale, and the origin said that it is still right.
    Revalidated,
    /// What is stored was stale, and the origin sent it anew.
    Expired,
    /// Nothing stored fits.
    Miss,
    /// Something is stored under this key, for other values of the fields in `Vary`.
    Variant,
    /// A part is stored, and more was asked for.
    Partial,
    /// What is stored is fresh, and the client wants to hear it from the origin.
    Asked,
    /// A rule of the operator goes around what is stored.
    Bypass,
    /// The request is of a kind that is never answered from a cache.
    Pass,
    /// The method is not one that a cache answers.
    Method,
    /// A note says that this is not cacheable, so nobody waits for anybody (Varnish).
    HitForMiss,
    /// A note says to pass this on (Varnish).
    HitForPass,
    /// `only-if-cached`, and nothing stored may be used.
    NotCached,
    /// The origin gave no answer that could be passed on, and nothing stored may be used.
    Failed,
}

impl Outcome {
    /// Whether the content came from what was stored.
    pub const fn is_reuse(self) -> bool {
        matches!(self, Self::Hit | Self::Stale | Self::Updating | Self::Revalidated)
    }
}

/// A clause, and the header or setting that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cite {
    /// A section of an RFC (`RFC 9111 5.2.2.5`), or a server's directive (`nginx proxy_cache_valid`).
    pub clause: &'static str,
    /// The header that decided, with the directive in it; empty when none did.
    pub header: &'static str,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident: $clause:literal, $header:literal;)*) => {
        /// Why: each is one clause, and the header that decided.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// The clause and the header.
            pub const fn cite(self) -> Cite {
                match self { $(Self::$name => Cite { clause: $clause, header: $header },)* }
            }
        }
    };
}

reasons! {
    /// The response forbids storing.
    NoStore: "RFC 9111 5.2.2.5", "Cache-Control: no-store";
    /// The request forbids storing.
    RequestNoStore: "RFC 9111 5.2.1.5", "Cache-Control: no-store";
    /// It is for one user, and this cache is shared.
    Private: "RFC 9111 5.2.2.7", "Cache-Control: private";
    /// The request was authenticated, and the response does not allow sharing.
    Authorization: "RFC 9111 3.5", "Authorization";
    /// Responses to this method are not stored.
    Method: "RFC 9111 3", "";
    /// A response with this status is not stored.
    Status: "RFC 9111 3", "";
    /// It may be stored only by who understands the status, and this one does not.
    MustUnderstand: "RFC 9111 5.2.2.3", "Cache-Control: must-understand";
    /// It says nothing that allows storing, and its status alone does not.
    NothingAllows: "RFC 9111 3", "";
    /// Its freshness information is over already, and nothing could validate it.
    NoUse: "RFC 9111 4.2", "";
    /// It varies by everything, so no later request matches.
    VaryStar: "RFC 9111 4.1", "Vary: *";
    /// It is a part, and where the part belongs is not said.
    Incomplete: "RFC 9111 3.3", "Content-Range";
    /// It sets a cookie, which would go to everybody.
    SetCookie: "RFC 9111 7.3", "Set-Cookie";
    /// `s-maxage` says how long.
    SMaxage: "RFC 9111 5.2.2.10", "Cache-Control: s-maxage";
    /// `max-age` says how long.
    MaxAge: "RFC 9111 5.2.2.1", "Cache-Control: max-age";
    /// `Expires` says until when.
    Expires: "RFC 9111 5.3", "Expires";
    /// Nothing says how long; a part of the time since the last change is assumed.
    Heuristic: "RFC 9111 4.2.2", "Last-Modified";
    /// What should say how long is malformed, so it counts as stale.
    Malformed: "RFC 9111 4.2.1", "Cache-Control";
    /// Nothing says how long, and nothing may be assumed.
    Unknown: "RFC 9111 4.2", "";
    /// A field for this kind of cache says how long.
    Targeted: "RFC 9213 2.2", "CDN-Cache-Control";
    /// A setting says how long.
    Setting: "nginx proxy_cache_valid", "";
    /// A field for nginx says how long.
    XAccelExpires: "nginx X-Accel-Expires", "X-Accel-Expires";
    /// Nothing says how long, and a setting does.
    DefaultTtl: "Varnish default_ttl", "";
    /// The time to live is over when it arrives.
    NoTtl: "Varnish vcl_beresp_stale", "";
    /// A field for surrogates forbids storing.
    Surrogate: "Surrogate/1.0", "Surrogate-Control: no-store";
    /// Errors are kept for a time of their own, which is none.
    NegativeTtl: "Squid negative_ttl", "";
    /// It is older than what is stored.
    Older: "RFC 9111 4", "Date";
    /// A setting keeps it out.
    KeptOut: "nginx proxy_no_cache", "";
    /// It was not asked for often enough.
    TooFew: "nginx proxy_cache_min_uses", "";
    /// The fetch waited its turn for too long, so its response is not stored.
    LockTimeout: "nginx proxy_cache_lock_timeout", "";
    /// It is fresh.
    Fresh: "RFC 9111 4.2", "";
    /// It is stale.
    Over: "RFC 9111 4.2", "";
    /// It has to be validated before every use.
    NoCache: "RFC 9111 5.2.2.4", "Cache-Control: no-cache";
    /// It has to be validated before every use, says a field without that meaning.
    Pragma: "RFC 9111 5.4", "Pragma: no-cache";
    /// The client wants it validated.
    RequestNoCache: "RFC 9111 5.2.1.4", "Cache-Control: no-cache";
    /// The client wants it younger.
    RequestMaxAge: "RFC 9111 5.2.1.1", "Cache-Control: max-age";
    /// The client wants it to stay fresh for longer.
    RequestMinFresh: "RFC 9111 5.2.1.3", "Cache-Control: min-fresh";
    /// The client takes it stale.
    RequestMaxStale: "RFC 9111 5.2.1.2", "Cache-Control: max-stale";
    /// The client wants nothing fetched.
    OnlyIfCached: "RFC 9111 5.2.1.7", "Cache-Control: only-if-cached";
    /// It may not be used stale.
    MustRevalidate: "RFC 9111 5.2.2.2", "Cache-Control: must-revalidate";
    /// It may not be used stale by a shared cache.
    ProxyRevalidate: "RFC 9111 5.2.2.8", "Cache-Control: proxy-revalidate";
    /// `s-maxage` forbids using it stale.
    SharedRevalidate: "RFC 9111 5.2.2.10", "Cache-Control: s-maxage";
    /// It will not change while it is fresh, so a reload need not ask.
    Immutable: "RFC 8246 2", "Cache-Control: immutable";
    /// It may be used stale for a while, while it is refreshed.
    StaleWhileRevalidate: "RFC 5861 3", "Cache-Control: stale-while-revalidate";
    /// It may be used stale for a while when the origin fails.
    StaleIfError: "RFC 5861 4", "Cache-Control: stale-if-error";
    /// It could be used stale on errors, for a time that is over.
    StaleIfErrorOver: "RFC 5861 4", "Cache-Control: stale-if-error";
    /// The origin cannot be reached, and nothing forbids using it stale.
    Disconnected: "RFC 9111 4.2.4", "";
    /// The origin fails, and nothing forbids using it stale.
    OriginError: "RFC 9111 4.3.3", "";
    /// A setting lets it be used stale.
    UseStale: "nginx proxy_cache_use_stale", "";
    /// A setting keeps it in use for a while.
    Grace: "Varnish grace", "";
    /// It is refreshed early by chance, so that not everybody comes at once.
    EarlyExpiry: "XFetch (Vattani 2015)", "";
    /// Nothing is stored for this key.
    NothingStored: "RFC 9111 4", "";
    /// What is stored is for other request fields.
    VaryMismatch: "RFC 9111 4.1", "Vary";
    /// A part is stored that does not hold what was asked for.
    PartOnly: "RFC 9111 3.4", "Range";
    /// The origin says that what is stored is still right.
    NotModified: "RFC 9111 4.3.4", "";
    /// The client has what is stored.
    ClientHas: "RFC 9111 4.3.2", "If-None-Match";
    /// The client has what is stored, by its date.
    ClientHasSince: "RFC 9111 4.3.2", "If-Modified-Since";
    /// It was fetched for another request that came first.
    Collapsed: "RFC 9111 4", "";
    /// A rule goes around the cache.
    BypassRule: "nginx proxy_cache_bypass", "";
    /// Requests with this field are passed.
    PassRule: "Varnish vcl_recv", "";
    /// A note says that it is not cacheable.
    Uncacheable: "Varnish vcl_beresp_hitmiss", "";
    /// An unsafe method succeeded.
    Unsafe: "RFC 9111 4.4", "";
    /// A response to an unsafe method names it.
    Named: "RFC 9111 4.4", "Location";
    /// It belongs to a group that was invalidated.
    Group: "RFC 9875 2.2", "Cache-Group-Invalidation";
    /// The origin gave no answer.
    NoAnswer: "RFC 9110 15.6.3", "";
}

/// A decision with its reason and the numbers that it used, in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was decided.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// How old the stored response is.
    pub age: i64,
    /// How old it may get.
    pub lifetime: i64,
}

impl Verdict {
    /// A decision that needs no numbers.
    pub const fn plain(outcome: Outcome, reason: Reason) -> Self {
        Self { outcome, reason, age: 0, lifetime: 0 }
    }
}
