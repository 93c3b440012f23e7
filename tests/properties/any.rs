//! Any scenario, and anything that may be done to it.

use std::rc::Rc;

use hopscope_core::http::Method;
use hopscope_core::policy::balance::haproxy::{HashFunction, Hashing};
use hopscope_core::policy::balance::{Options, PolicyKind};
use hopscope_core::policy::health::{Action, CheckKind, Checks, Observe, Outlier};
use hopscope_core::scenario::{
    ActionKind, AppCookie, Arrivals, Backend, Clients, CookieRule, Delivery, Dist, Effect, Fault, ForwardedMode, Forwarder, HashedBy,
    HealthDocument, Knob, KnobKind, Layer, LimitKey, Link, LinkQuality, Listener, Member, Names, Pool, Product, Protocol, Proxy,
    RequestClass, ReturnPath, Reuse, Rule, Scenario, Scripted, Spec, Stage, StageKind, Stick, Sticky, Switch, TableRule, Tls, Value, When,
};
use hopscope_core::time::Duration;
use hopscope_core::timeline::Timeline;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A scenario, a seed, and what is done while it runs.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) scenario: Scenario,
    pub(crate) seed: u64,
    /// Each is taken after so many further events.
    pub(crate) actions: Vec<(u16, ActionKind)>,
}

impl core::fmt::Debug for Case {
    /// As a lab's file, without the knobs and faults that every case has.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let told = Scenario { knobs: Vec::new(), faults: Vec::new(), ..self.scenario.clone() };
        writeln!(f, "seed {}\n{}", self.seed, toml::to_string(&told).unwrap_or_default())?;
        self.actions.iter().try_for_each(|(after, kind)| writeln!(f, "after {after} events: {kind:?}"))
    }
}

impl Case {
    pub(crate) fn spec(&self) -> Rc<Spec> {
        Rc::new(self.scenario.clone().compile().unwrap_or_else(|why| panic!("{why}")))
    }

    pub(crate) fn timeline(&self) -> Timeline {
        Timeline::new(self.spec(), self.seed)
    }

    /// The run to its end, with every action taken on the way.
    pub(crate) fn run(&self) -> Timeline {
        let mut run = self.timeline();
        for (after, kind) in &self.actions {
            run.seek(run.position() + u32::from(*after));
            run.act(kind.clone()).unwrap_or_else(|why| panic!("{kind:?}: {why}"));
        }
        while run.step() {}
        run
    }
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    (scenario(), any::<u64>()).prop_flat_map(|(scenario, seed)| {
        let kinds = vec((0u16..400, action(&scenario)), 0..8);
        (Just(scenario), Just(seed), kinds).prop_map(|(scenario, seed, actions)| Case { scenario, seed, actions })
    })
}

fn ms(range: core::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

/// Mostly nothing, sometimes a span.
fn maybe(range: core::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    prop_oneof![Just(Duration::ZERO), ms(range)]
}

fn dist() -> BoxedStrategy<Dist> {
    prop_oneof![
        ms(0..30).prop_map(|value| Dist::Constant { value }),
        ms(1..30).prop_map(|mean| Dist::Exponential { mean }),
        (ms(0..10), ms(0..40)).prop_map(|(min, max)| Dist::Uniform { min, max }),
        (ms(1..20), 0.0..2.0).prop_map(|(median, sigma)| Dist::Lognormal { median, sigma }),
        (ms(0..10), ms(0..200), 0.0..100.0).prop_map(|(usual, rare, percent)| Dist::Bimodal { usual, rare, percent }),
    ]
    .boxed()
}

fn arrivals() -> impl Strategy<Value = Arrivals> {
    prop_oneof![
        (0.0..150.0).prop_map(|rate| Arrivals::Poisson { rate }),
        (0.0..150.0).prop_map(|rate| Arrivals::Even { rate }),
        (ms(5..100)).prop_map(|value| Arrivals::Closed { think: Dist::Constant { value } }),
        vec(ms(0..1_000), 0..30).prop_map(|times| Arrivals::At { times }),
    ]
}

fn class() -> impl Strategy<Value = RequestClass> {
    let method = select(vec![Method::Get, Method::Post, Method::Delete]);
    let path = select(vec!["/", "/img/a.png", "/cart?item=1"]);
    let host = select(vec!["shop.example", "api.example", "nowhere.example"]);
    (0u32..3, method, path, host, 0u32..3_000, 0u32..100_000, dist(), any::<bool>()).prop_map(
        |(weight, method, path, host, size, response_size, service, answered)| RequestClass {
            weight,
            method,
            path: path.into(),
            host: host.into(),
            size,
            response_size,
            service,
            answered,
            ..RequestClass::default()
        },
    )
}

fn clients(name: &'static str) -> BoxedStrategy<Clients> {
    let protocol = select(vec![Protocol::Http1, Protocol::Http1Close, Protocol::Http2, Protocol::Udp]);
    let target = select(vec!["lb", "fw", "inner", "b1", "dns", "switch"]);
    let habits = (arrivals(), maybe(0..100), 1u32..4, 0u32..4, any::<bool>(), maybe(5..200), (tls(), maybe(1..600)));
    (protocol, target, 1u32..5, vec(0u32..4, 0..3), habits, vec(class(), 1..3), any::<bool>())
        .prop_map(
            move |(
                protocol,
                target,
                users,
                weights,
                (arrivals, starts, connections, requests_per_connection, warm, timeout, (tls, hold)),
                mut requests,
                nat,
            )| {
                requests[0].weight += 1;
                for (i, class) in requests.iter_mut().enumerate() {
                    class.name = format!("{name}{i}");
                    // Only a datagram can do without an answer.
                    class.answered |= protocol != Protocol::Udp;
                }
                // Nobody can be picked among users who never ask.
                let weights = if weights.iter().take(users as usize).all(|&w| w == 0) { Vec::new() } else { weights };
                let target = if protocol == Protocol::Udp { target } else { target.replace("switch", "lb").leak() };
                Clients {
                    name: name.into(),
                    target: target.into(),
                    users,
                    weights,
                    arrivals,
                    starts,
                    protocol,
                    connections,
                    requests_per_connection,
                    // Nobody knows where to go before a resolver was asked.
                    warm: warm && target != "dns",
                    requests,
                    timeout,
                    nat,
                    tls,
                    hold,
                    ..Clients::default()
                }
            },
        )
        .boxed()
}

fn tls() -> impl Strategy<Value = Tls> {
    let all = [Tls::None, Tls::Tls12, Tls::Tls12Resumed, Tls::Tls13, Tls::Tls13Resumed, Tls::EarlyData];
    prop_oneof![Just(Tls::None), select(all.to_vec())]
}

fn listener() -> BoxedStrategy<Listener> {
    let cost = || prop_oneof![Just(Duration::ZERO), (1u64..8_000).prop_map(Duration)];
    let some = (maybe(1..120), 0u32..4, cost(), cost());
    let some = some.prop_map(|(idle, requests, handshake, resumption)| Listener { idle, requests, handshake, resumption });
    prop_oneof![Just(Listener::default()), some].boxed()
}

/// What a pool says of its connections.
fn connections() -> BoxedStrategy<Pool> {
    let reuse = select(vec![Reuse::Lifo, Reuse::Fifo]);
    let limits = prop_oneof![Just((0u32, 0u32, Duration::ZERO)), (2u32..5, 0u32..6, maybe(1..80))];
    (tls(), maybe(1..120), 0u32..4, limits, reuse)
        .prop_map(|(tls, idle_timeout, max_requests, (max_connections, max_waiting, wait_timeout), reuse)| Pool {
            tls,
            idle_timeout,
            max_requests,
            max_connections,
            max_waiting,
            wait_timeout,
            reuse,
            ..Pool::default()
        })
        .boxed()
}

/// What a pool says of its members' health; most say nothing.
fn health() -> BoxedStrategy<Pool> {
    let spans = (ms(1..300), maybe(1..200), maybe(1..100), maybe(1..100));
    let counts = (1u32..4, 1u32..4, 0u32..101, prop_oneof![Just((0u32, 3u32, None)), (1u32..9, Just(1u32), proptest::option::of(0u32..2))]);
    let kind = select(vec![CheckKind::Http, CheckKind::Tcp]);
    let checks = (spans, counts, kind, select(vec![0u16, 200]));
    let checks =
        checks.prop_map(|((interval, timeout, fast_interval, down_interval), (fall, rise, jitter_percent, counted), kind, status)| {
            let (window, threshold, initial) = counted;
            Checks {
                kind,
                interval,
                timeout,
                fall,
                rise,
                status,
                jitter_percent,
                fast_interval,
                down_interval,
                window,
                threshold,
                initial,
                ..Checks::default()
            }
        });
    let action = select(vec![Action::FailCheck, Action::MarkDown, Action::SuddenDeath, Action::Fastinter]);
    let observe = proptest::option::of((0u32..4, action).prop_map(|(errors, action)| Observe { errors, action }));
    let outlier = (0u32..4, maybe(1..300), ms(1..400), 0u32..101);
    let outlier = outlier.prop_map(|(errors, window, eject, max_percent)| Outlier { errors, window, eject, max_percent });
    let product = select(vec![Product::Plain, Product::Nginx, Product::Haproxy, Product::Envoy]);
    let some = (proptest::option::of(checks), observe, proptest::option::of(outlier), 0u32..101, product);
    let some = some.prop_map(|(checks, observe, outlier, panic_percent, product)| {
        let observe = observe.filter(|_| checks.is_some());
        let panic_percent = if checks.is_none() && outlier.is_none() { 0 } else { panic_percent };
        Pool { checks, observe, outlier, panic_percent, product, ..Pool::default() }
    });
    prop_oneof![Just(Pool::default()), some].boxed()
}

pub(crate) fn policy() -> impl Strategy<Value = PolicyKind> {
    select(PolicyKind::ALL.to_vec())
}

/// Boxed, because a scenario has many pools and a test has a small stack.
fn pool(name: &'static str, members: Vec<&'static str>) -> BoxedStrategy<Pool> {
    let member = (select(members), 1u32..5, any::<bool>(), 0u32..6, 0u32..3, ms(0..3_000));
    let habits = (0u32..3, 0u32..3, 0u32..3, maybe(5..200), maybe(1..400));
    (policy(), hashed_by(), options(), vec(member, 0..5), habits, (connections(), health()))
        .prop_map(move |(policy, by, options, members, (warm, keepalive, retries, timeout, reports), (connections, health))| {
            let mut list: Vec<Member> = Vec::new();
            for (node, weight, backup, max_active, max_fails, fail_timeout) in members {
                if !list.iter().any(|m| m.node == node) {
                    list.push(Member { node: node.into(), weight, backup, max_active, max_fails, fail_timeout });
                }
            }
            let Pool { checks, observe, outlier, panic_percent, product, .. } = health;
            let connections = Pool { checks, observe, outlier, panic_percent, product, ..connections };
            Pool { name: name.into(), policy, by, options, members: list, warm, keepalive, retries, timeout, reports, ..connections }
        })
        .boxed()
}

fn hashed_by() -> impl Strategy<Value = HashedBy> {
    let name = || select(vec!["x-user", "X-Forwarded-For", "a"]).prop_map(str::to_owned);
    prop_oneof![Just(HashedBy::Client), Just(HashedBy::Uri), name().prop_map(HashedBy::Header), name().prop_map(HashedBy::Cookie)]
}

/// Sizes are small: a table is made anew whenever a member comes or goes.
fn options() -> impl Strategy<Value = Options> {
    let function = select(vec![HashFunction::Sdbm, HashFunction::Djb2, HashFunction::Wt6, HashFunction::Crc32, HashFunction::None]);
    let hashing = proptest::option::of((function, any::<bool>()).prop_map(|(function, avalanche)| Hashing { function, avalanche }));
    (0u32..3, any::<bool>(), 1u32..40, maybe(1..5_000), 0u32..300, "[a-z]{0,3}", hashing)
        .prop_map(|(start, sticky, size, window, factor, secret, hashing)| Options { start, sticky, size, window, factor, secret, hashing })
}

fn stage() -> BoxedStrategy<StageKind> {
    let when = select(vec!["any", "path /img/", "host api.example", "method POST", "header x-forwarded-for"]);
    let when = when.prop_map(|text| text.parse::<When>().unwrap_or_default());
    let mode = select(vec![ForwardedMode::Pass, ForwardedMode::Append, ForwardedMode::Replace, ForwardedMode::Rfc7239]);
    prop_oneof![
        when.clone().prop_map(|when| StageKind::Route { rules: vec![Rule { when, pool: "other".into() }] }),
        mode.prop_map(|mode| StageKind::Forwarded { mode }),
        (0u32..4).prop_map(|trusted| StageKind::RealIp { trusted }),
        (select(vec![LimitKey::Peer, LimitKey::Client]), 0.0..100.0, 0u32..5).prop_map(|(key, rate, burst)| StageKind::Limit {
            key,
            rate,
            burst
        }),
        (when, select(vec![403u16, 404, 503])).prop_map(|(when, status)| StageKind::Deny { when, status }),
        (maybe(1..50), proptest::option::of(dist())).prop_map(|(timeout, work)| StageKind::Call { to: "store".into(), timeout, work }),
        maybe(0..50).prop_map(|hold| StageKind::Wait { hold }),
        (0.0..100.0).prop_map(|percent| StageKind::Mirror { to: "b2".into(), percent }),
        Just(StageKind::ByHost),
        Just(StageKind::Authenticate { header: "X-Forwarded-For".into(), value: "198.51.100.7".into() }),
        ms(1..400).prop_map(|keep| StageKind::Store { keep }),
    ]
    .boxed()
}

/// How a pool keeps its users, with all ways for a knob to choose from.
fn sticky() -> BoxedStrategy<Sticky> {
    let method = select(vec![Stick::Cookie, Stick::AppCookie, Stick::Table, Stick::None]);
    let size = || prop_oneof![1u32..4, Just(1_000)];
    (method, any::<[bool; 4]>(), size(), maybe(1..300), size(), maybe(1..300), hashed_by())
        .prop_map(|(method, [indirect, nocache, redispatch, at_once], learned, forgets, size, expire, on)| Sticky {
            method: Some(method),
            cookie: Some(CookieRule { name: "SRV".into(), indirect, nocache }),
            app_cookie: Some(AppCookie { name: "SID".into(), size: learned, expire: forgets }),
            table: Some(TableRule { size, expire, on }),
            redispatch,
            at_once,
        })
        .boxed()
}

fn proxy(name: &'static str, members: Vec<&'static str>) -> BoxedStrategy<Proxy> {
    let pools = (pool("main", members), pool("other", vec!["b1", "b3"])).prop_map(|(main, other)| vec![main, other]);
    let layer = select(vec![Layer::L4, Layer::L7]);
    (layer, vec((stage(), any::<bool>()), 0..4), pools, any::<bool>(), listener(), proptest::option::of(sticky()))
        .prop_map(move |(layer, stages, mut pools, proxy_protocol, listener, sticky)| {
            // Only layer 7 reads what keeps a user.
            pools[0].sticky = sticky.filter(|_| layer == Layer::L7);
            let stage = |(i, (kind, on)): (usize, (StageKind, bool))| Stage { name: format!("s{i}"), on, kind };
            let stages = stages.into_iter().enumerate().map(stage).collect();
            Proxy { name: name.into(), layer, stages, pools, proxy_protocol, listener, ..Proxy::default() }
        })
        .boxed()
}

fn forwarder() -> BoxedStrategy<Forwarder> {
    let returns = select(vec![ReturnPath::Nat, ReturnPath::Direct]);
    // A packet forwarder has no connections of its own.
    let pool = pool("main", vec!["b1", "b2", "lb", "inner"]);
    let pool = pool.prop_map(|pool| Pool {
        observe: None,
        outlier: None,
        panic_percent: 0,
        tls: Tls::None,
        max_connections: 0,
        max_waiting: 0,
        wait_timeout: Duration::ZERO,
        ..pool
    });
    (returns, pool).prop_map(|(returns, pool)| Forwarder { name: "fw".into(), returns, pool, ..Forwarder::default() }).boxed()
}

fn backend(name: &'static str) -> BoxedStrategy<Backend> {
    let queue = prop_oneof![Just(0u32), 1u32..5, Just(1_000)];
    let document = (maybe(1..300), any::<bool>(), any::<bool>());
    (1u32..3, queue, 0.2..3.0, dist(), any::<bool>(), maybe(1..60), (listener(), document))
        .prop_map(move |(workers, queue, speed, service, absent, cold, (listener, (ready_after, deep, lies)))| Backend {
            name: name.into(),
            workers,
            queue,
            speed,
            service,
            cold,
            hosts: vec![if name == "b1" { "shop.example" } else { "api.example" }.into()],
            absent,
            listener,
            health: HealthDocument { ready_after, deep: if deep && name != "store" { vec!["store".into()] } else { Vec::new() }, lies },
            ..Backend::default()
        })
        .boxed()
}

fn link() -> impl Strategy<Value = LinkQuality> {
    let latency = (0u64..5_000).prop_map(Duration);
    let loss = prop_oneof![Just(0.0), 0.0..40.0];
    let rate = prop_oneof![Just(0.0), 1.0..100.0];
    (latency, rate, loss).prop_map(|(latency, mbit_per_s, loss_percent)| LinkQuality { latency, mbit_per_s, loss_percent })
}

prop_compose! {
    fn scenario()(
        clients in (clients("a"), clients("b"), clients("c"), 1usize..4),
        lb in proxy("lb", vec!["b1", "b2", "b3", "inner"]),
        inner in proxy("inner", vec!["b1", "b2", "b3"]),
        dns in proxy("dns", vec!["b1", "b2", "lb"]),
        ttl in maybe(1..800),
        forwarder in forwarder(),
        backends in (backend("b1"), backend("b2"), backend("b3"), backend("store")),
        link in link(),
        special in link(),
        horizon in ms(200..2_500),
        delivery in select(vec![Delivery::Broadcast, Delivery::Multicast]),
        kept in (any::<bool>(), any::<bool>()),
        script in vec((ms(0..2_000), select(fault_ids()), any::<bool>()), 0..4),
    ) -> Scenario {
        let mut groups = vec![clients.0, clients.1, clients.2];
        groups.truncate(clients.3);
        let mut scenario = Scenario {
            horizon,
            clients: groups,
            proxies: vec![lb, inner, Proxy { names: Some(Names { ttl }), ..dns }],
            forwarders: vec![forwarder],
            backends: vec![backends.0, backends.1, backends.2, backends.3],
            switches: vec![Switch {
                name: "switch".into(),
                delivery,
                attached: vec!["b1".into(), "b2".into(), "b3".into()],
                group: vec!["b3".into()],
                ..Switch::default()
            }],
            link,
            links: vec![Link { from: "lb".into(), to: "b1".into(), latency: special.latency, mbit_per_s: special.mbit_per_s, loss_percent: special.loss_percent }],
            messages: kept.0,
            slow_start: kept.1,
            faults: faults(),
            script: script.into_iter().map(|(at, id, on)| Scripted { at, kind: ActionKind::Fault { id, on } }).collect(),
            ..Scenario::default()
        };
        scenario.knobs = knobs(&scenario);
        scenario
    }
}

fn faults() -> Vec<Fault> {
    let of = |node: &str| {
        let node = node.to_owned();
        [
            (format!("kill-{node}"), Effect::Kill { node: node.clone() }),
            (format!("hang-{node}"), Effect::Hang { node: node.clone() }),
            (format!("slow-{node}"), Effect::Slow { node: node.clone(), factor: 20.0 }),
            (format!("fail-{node}"), Effect::Fail { node: node.clone(), percent: 70.0 }),
            (format!("join-{node}"), Effect::Join { node: node.clone() }),
            (format!("leave-{node}"), Effect::Leave { node }),
        ]
    };
    let lossy = (String::from("lossy"), Effect::Lossy { from: "lb".into(), to: "b1".into(), percent: 60.0 });
    let all = ["b1", "b2", "b3", "store"].into_iter().flat_map(of).chain([lossy]);
    all.map(|(id, effect)| Fault { id, effect }).collect()
}

fn fault_ids() -> Vec<String> {
    faults().into_iter().map(|fault| fault.id).collect()
}

const TLS: [&str; 6] = ["none", "tls12", "tls12_resumed", "tls13", "tls13_resumed", "early_data"];

/// A knob for every field that the scenario has.
fn knobs(scenario: &Scenario) -> Vec<Knob> {
    let number = |max: f64, default: f64| KnobKind::Number { min: 0.0, max, step: 1.0, unit: String::new(), default };
    let choice = |of: &[&str]| KnobKind::Choice { of: of.iter().map(|&c| c.to_owned()).collect(), default: of[0].to_owned() };
    let policies = ["round_robin", "weighted_round_robin", "least_conn", "ip_hash", "random"];
    let mut knobs = vec![
        ("a.users".to_owned(), number(20.0, 2.0)),
        ("a.rate".to_owned(), number(300.0, 50.0)),
        ("a.protocol".to_owned(), choice(&["http1", "http1_close", "http2", "udp"])),
        ("a.connections".to_owned(), number(6.0, 2.0)),
        ("a.requests_per_connection".to_owned(), number(5.0, 0.0)),
        ("a.timeout".to_owned(), number(500.0, 0.0)),
        ("a.tls".to_owned(), choice(&TLS)),
        ("a.header.a0.X-Forwarded-For".to_owned(), KnobKind::Text { max: 40, default: String::new() }),
        ("a.path.a0".to_owned(), KnobKind::Text { max: 40, default: "/".to_owned() }),
        ("fw.returns".to_owned(), choice(&["nat", "direct"])),
        ("fw.policy".to_owned(), choice(&policies)),
        ("b1.workers".to_owned(), number(5.0, 1.0)),
        ("b1.speed".to_owned(), number(5.0, 1.0)),
        ("b1.queue".to_owned(), number(10.0, 5.0)),
        ("b1.health.ready_after".to_owned(), number(200.0, 0.0)),
        ("b1.health.deep".to_owned(), KnobKind::Toggle { default: true }),
        ("b1.health.lies".to_owned(), KnobKind::Toggle { default: false }),
        ("b1.stateless".to_owned(), KnobKind::Toggle { default: false }),
        ("b1.listener.idle".to_owned(), number(90.0, 20.0)),
        ("b1.listener.requests".to_owned(), number(4.0, 3.0)),
        ("link.lb.b1.latency".to_owned(), number(50.0, 1.0)),
        ("link.lb.b1.loss".to_owned(), number(50.0, 0.0)),
        ("link.lb.b1.mbit".to_owned(), number(100.0, 0.0)),
    ];
    for proxy in &scenario.proxies {
        let of = |field: &str| format!("{}.{field}", proxy.name);
        knobs.push((of("layer"), choice(&["l7", "l4"])));
        knobs.push((of("proxy_protocol"), KnobKind::Toggle { default: false }));
        knobs.push((of("stages"), KnobKind::Order { default: proxy.stages.iter().map(|s| s.name.clone()).collect() }));
        knobs.push((of("main.policy"), choice(&policies)));
        knobs.push((of("main.retries"), number(3.0, 1.0)));
        knobs.push((of("main.timeout"), number(300.0, 0.0)));
        knobs.push((of("main.tls"), choice(&TLS)));
        knobs.push((of("main.reuse"), choice(&["lifo", "fifo"])));
        for field in ["keepalive", "idle_timeout", "max_requests", "max_connections", "max_waiting", "wait_timeout"] {
            knobs.push((of(&format!("main.{field}")), number(6.0, 4.0)));
        }
        knobs.push((of("listener.idle"), number(90.0, 0.0)));
        knobs.push((of("listener.requests"), number(4.0, 0.0)));
        knobs.extend(health_knobs(proxy));
        if proxy.pools[0].sticky.is_some() {
            knobs.push((of("main.sticky.method"), choice(&["cookie", "app_cookie", "table", "none"])));
            knobs.push((of("main.sticky.redispatch"), KnobKind::Toggle { default: true }));
            knobs.push((of("main.sticky.at_once"), KnobKind::Toggle { default: false }));
            knobs.push((of("main.sticky.size"), number(6.0, 3.0)));
            knobs.push((of("main.sticky.expire"), number(200.0, 100.0)));
        }
        for member in &proxy.pools[0].members {
            knobs.push((of(&format!("main.state.{}", member.node)), choice(&["ready", "drain", "maint"])));
            knobs.push((of(&format!("main.weight.{}", member.node)), number(6.0, 1.0)));
        }
        for stage in &proxy.stages {
            let of = |field: &str| of(&format!("{}.{field}", stage.name));
            knobs.push((of("on"), KnobKind::Toggle { default: true }));
            match stage.kind {
                StageKind::Route { .. } => {
                    knobs
                        .push((of("rules"), KnobKind::Table { columns: 2, max_rows: 3, default: vec![vec!["any".into(), "main".into()]] }));
                }
                StageKind::Forwarded { .. } => knobs.push((of("mode"), choice(&["append", "pass", "replace", "rfc7239"]))),
                StageKind::RealIp { .. } => knobs.push((of("trusted"), number(5.0, 1.0))),
                StageKind::Limit { .. } => {
                    knobs.extend([
                        (of("rate"), number(100.0, 10.0)),
                        (of("burst"), number(9.0, 3.0)),
                        (of("key"), choice(&["client", "peer"])),
                    ]);
                }
                StageKind::Deny { .. } => knobs.push((of("status"), number(599.0, 403.0))),
                StageKind::Wait { .. } => knobs.push((of("hold"), number(80.0, 5.0))),
                StageKind::Mirror { .. } => knobs.push((of("percent"), number(100.0, 50.0))),
                _ => {}
            }
        }
    }
    let knob = |(path, kind): (String, KnobKind)| Knob { id: path.clone(), sets: vec![path], kind, at_start: false };
    knobs.into_iter().map(knob).collect()
}

/// Only what a pool has can be set; the defaults are what the pool says, so that most runs keep it.
fn health_knobs(proxy: &Proxy) -> Vec<(String, KnobKind)> {
    let pool = &proxy.pools[0];
    let mut knobs = Vec::new();
    let mut add = |field: &str, max: f64, default: f64| {
        let kind = KnobKind::Number { min: 0.0, max, step: 1.0, unit: String::new(), default };
        knobs.push((format!("{}.main.{field}", proxy.name), kind));
    };
    if let Some(checks) = &pool.checks {
        add("checks.interval", 400.0, checks.interval.as_millis_f64());
        add("checks.timeout", 400.0, checks.timeout.as_millis_f64());
        add("checks.fall", 4.0, f64::from(checks.fall));
        add("checks.rise", 4.0, f64::from(checks.rise));
        add("checks.jitter_percent", 100.0, f64::from(checks.jitter_percent));
        add("checks.fast_interval", 100.0, checks.fast_interval.as_millis_f64());
        add("checks.down_interval", 100.0, checks.down_interval.as_millis_f64());
        add("checks.threshold", 5.0, f64::from(checks.threshold));
    }
    if let Some(observe) = &pool.observe {
        add("observe.errors", 4.0, f64::from(observe.errors));
    }
    if let Some(outlier) = &pool.outlier {
        add("outlier.errors", 4.0, f64::from(outlier.errors));
        add("outlier.eject", 400.0, outlier.eject.as_millis_f64());
        add("outlier.max_percent", 100.0, f64::from(outlier.max_percent));
    }
    add("panic_percent", 100.0, f64::from(pool.panic_percent));
    knobs
}

/// An action that the scenario allows.
pub(crate) fn action(scenario: &Scenario) -> impl Strategy<Value = ActionKind> + use<> {
    let fault = (select(fault_ids()), any::<bool>()).prop_map(|(id, on)| ActionKind::Fault { id, on });
    let set = select(scenario.knobs.clone()).prop_flat_map(|knob| {
        let id = knob.id.clone();
        value(knob.kind).prop_map(move |to| ActionKind::Set { knob: id.clone(), to })
    });
    prop_oneof![set, fault]
}

fn value(kind: KnobKind) -> BoxedStrategy<Value> {
    match kind {
        KnobKind::Number { min, max, .. } => prop_oneof![Just(min), Just(max), min..max].prop_map(Value::Number).boxed(),
        KnobKind::Choice { of, .. } => select(of).prop_map(Value::Choice).boxed(),
        KnobKind::Toggle { .. } => any::<bool>().prop_map(Value::Toggle).boxed(),
        KnobKind::Text { .. } => "[ -~é]{0,40}".prop_map(Value::Text).boxed(),
        KnobKind::Table { max_rows, .. } => {
            let row = (select(vec!["any", "path /", "method GET", "cookie a=1"]), select(vec!["main", "other"]));
            vec(row.prop_map(|(when, pool)| vec![when.to_owned(), pool.to_owned()]), 0..max_rows as usize + 1)
                .prop_map(Value::Table)
                .boxed()
        }
        KnobKind::Order { default } => Just(default).prop_shuffle().prop_map(Value::Order).boxed(),
    }
}

/// Any value of any kind, fitting or not.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<f64>().prop_map(Value::Number),
        ".{0,20}".prop_map(Value::Choice),
        any::<bool>().prop_map(Value::Toggle),
        ".{0,60}".prop_map(Value::Text),
        vec(vec(".{0,12}", 0..4), 0..5).prop_map(Value::Table),
        vec("s[0-4]", 0..5).prop_map(Value::Order),
    ]
}

/// A position somewhere in a run, the ends included.
pub(crate) fn somewhere(index: Index, run: &Timeline) -> u32 {
    index.index(run.known().0 as usize + 1) as u32
}
