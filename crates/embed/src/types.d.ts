/** A span of time with its unit: `"250us"`, `"10ms"`, `"1.5s"`, `"2m"`. */
export type Span = string;

/** A distribution of spans. */
export type Dist =
  | { constant: { value: Span } }
  | { uniform: { min: Span; max: Span } }
  | { exponential: { mean: Span } }
  | { lognormal: { median: Span; sigma: number } }
  | { bimodal: { usual: Span; rare: Span; percent: number } };

/** Degrees north and east. */
export interface Place { lat: number; lon: number }

/** How an access log is written. */
export type LogFormat = "nginx" | "haproxy" | "json";

/** A kind of request in a group's mix. */
export interface RequestClass {
  name?: string;
  weight?: number;
  method?: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "PATCH";
  path?: string;
  host?: string;
  headers?: [string, string][];
  size?: number;
  response_size?: number;
  service?: Dist;
  answered?: boolean;
}

/** A group of users with the same habits. */
export interface Clients {
  name: string;
  target: string;
  users?: number;
  weights?: number[];
  arrivals?: { poisson: { rate: number } } | { even: { rate: number } } | { closed: { think: Dist } } | { at: { times: Span[] } };
  starts?: Span;
  protocol?: "http1" | "http1_close" | "http2" | "udp";
  connections?: number;
  requests_per_connection?: number;
  warm?: boolean;
  requests?: RequestClass[];
  timeout?: Span;
  address?: string;
  nat?: boolean;
  place?: Place;
  tls?: Tls;
  log?: LogFormat;
}

/** How a member of a pool is picked. */
export type Policy =
  | "round_robin" | "weighted_round_robin" | "naive_weighted" | "slow_start" | "first" | "random" | "random_two"
  | "least_conn" | "least_requests" | "least_busy" | "least_time" | "least_bandwidth" | "peak_ewma"
  | "ip_hash" | "hash_modulo" | "hash_fraction" | "ketama" | "ring_hash" | "maglev" | "rendezvous" | "shard" | "bounded_load" | "cookie";

/** What a policy that hashes takes of a request. */
export type HashedBy = "client" | "uri" | { header: string } | { cookie: string };

/** A named group of servers. */
export interface Pool {
  name: string;
  policy?: Policy;
  by?: HashedBy;
  options?: { start?: number; sticky?: boolean; size?: number; window?: Span; factor?: number; secret?: string };
  members: { node: string; weight?: number; backup?: boolean; max_active?: number; max_fails?: number; fail_timeout?: Span }[];
  warm?: number;
  keepalive?: number;
  retries?: number;
  timeout?: Span;
  tls?: Tls;
  idle_timeout?: Span;
  max_requests?: number;
  max_connections?: number;
  max_waiting?: number;
  wait_timeout?: Span;
  reuse?: "lifo" | "fifo";
}

/** How connections are secured. */
export type Tls = "none" | "tls12" | "tls12_resumed" | "tls13" | "tls13_resumed" | "early_data";

/** How a server treats the connections that it has accepted. */
export interface Listener { idle?: Span; requests?: number; handshake?: Span; resumption?: Span }

/** A condition such as `"any"`, `"path /img/"`, `"host api.example"`, `"header X-Beta: 1"`. */
export type When = string;

/** What a stage of a proxy does. */
export type StageKind =
  | { route: { rules: { when: When; pool: string }[] } }
  | { forwarded: { mode: "pass" | "append" | "replace" | "rfc7239" } }
  | { real_ip: { trusted: number } }
  | { limit: { key: "peer" | "client"; rate: number; burst: number } }
  | { deny: { when: When; status: number } }
  | { call: { to: string; timeout?: Span; work?: Dist } }
  | { wait: { hold: Span } }
  | { mirror: { to: string; percent: number } }
  | "by_host"
  | { authenticate: { header: string; value: string } }
  | { store: { keep: Span } };

/** A proxy: it ends the client's connection and opens its own. */
export interface Proxy {
  name: string;
  address?: string;
  layer?: "l4" | "l7";
  stages?: { name: string; on?: boolean; do: StageKind }[];
  pools?: Pool[];
  proxy_protocol?: boolean;
  place?: Place;
  log?: LogFormat;
  listener?: Listener;
}

/** A packet forwarder: one connection runs from client to backend. */
export interface Forwarder {
  name: string;
  address?: string;
  returns?: "nat" | "direct";
  pool: Pool;
  place?: Place;
}

/** A server. */
export interface Backend {
  name: string;
  address?: string;
  workers?: number;
  queue?: number;
  speed?: number;
  service?: Dist;
  hosts?: string[];
  absent?: boolean;
  place?: Place;
  log?: LogFormat;
  listener?: Listener;
}

/** Copies one datagram to many receivers. */
export interface Switch {
  name: string;
  address?: string;
  delivery?: "broadcast" | "multicast";
  attached?: string[];
  group?: string[];
  place?: Place;
}

/** What a link is like, in each direction. */
export interface LinkQuality { latency?: Span; mbit_per_s?: number; loss_percent?: number }

/** The value of a knob. */
export type KnobValue =
  | { number: number }
  | { choice: string }
  | { toggle: boolean }
  | { text: string }
  | { table: string[][] }
  | { order: string[] };

/** Something to turn. */
export interface Knob {
  id: string;
  sets: string[];
  kind:
    | { number: { min: number; max: number; step: number; unit: string; default: number } }
    | { choice: { of: string[]; default: string } }
    | { toggle: { default: boolean } }
    | { text: { max: number; default: string } }
    | { table: { columns: number; max_rows: number; default: string[][] } }
    | { order: { default: string[] } };
  at_start?: boolean;
}

/** Something to break. */
export interface Fault {
  id: string;
  effect:
    | { kill: { node: string } }
    | { hang: { node: string } }
    | { slow: { node: string; factor: number } }
    | { lossy: { from: string; to: string; percent: number } }
    | { join: { node: string } }
    | { leave: { node: string } };
}

/** Something done to a running world. */
export type Action = { set: { knob: string; to: KnobValue } } | { fault: { id: string; on: boolean } };

/** A lab, in the shape of its TOML file. */
export interface Scenario {
  revision?: number;
  seed?: number | bigint;
  horizon: Span;
  opens_at?: Span;
  layout?: string;
  clients?: Clients[];
  proxies?: Proxy[];
  forwarders?: Forwarder[];
  backends?: Backend[];
  switches?: Switch[];
  link?: LinkQuality;
  links?: ({ from: string; to: string } & LinkQuality)[];
  knobs?: Knob[];
  faults?: Fault[];
  script?: { at: Span; do: Action }[];
  goals?: { id: string; measure: object; at_most?: number; at_least?: number }[];
  predictions?: object[];
  challenge?: object;
  variants?: { id: string; set: Action[] }[];
  messages?: boolean;
  slow_start?: boolean;
}

/** Everything about a run where it stands; times in milliseconds since it began. */
export interface Snapshot {
  position: number;
  known: number;
  now: number;
  isOver: boolean;
  /** Users' requests so far. */
  requests: { started: number; served: number; rejected: number; failed: number; inFlight: number };
  /** Of answered requests. */
  latency: { mean: number; p50: number; p95: number; p99: number };
  nodes: {
    name: string;
    address: string;
    kind: "clients" | "proxy" | "forwarder" | "backend" | "switch";
    /** Requests that reached it. */
    received: number;
    /** Connections opened to it. */
    connected: number;
    health?: "up" | "killed" | "hung" | "absent";
    busy?: number;
    workers?: number;
    waiting?: number;
  }[];
  pools: { node: string; policy: Policy; members: { node: string; weight: number; active: number; standing: string }[] }[];
  connections: { id: number; path: string[]; state: "dialing" | "open" | "closing"; streams: number; carried: number }[];
  messages: { kind: string; from: string; to: string; sent: number; arrives: number; request: number | null; status: number | null }[];
  goals: { id: string; value: number; met: boolean }[];
  faults: { id: string; on: boolean }[];
}

/** Something that happened. */
export interface LabEvent {
  /** The position at which the run stands after it. */
  ordinal: number;
  /** Milliseconds since the run began. */
  at: number;
  /** What: `arrived`, `received`, `decided`, `answered`, `ended` … */
  kind: string;
  node: string | null;
  request: number | null;
  /** For `decided`: what to ask `Lab.decision` for. */
  decision: number | null;
  /** The event as a sentence. */
  words: string;
}

/** A choice with everything that explains it. */
export interface Decision {
  at: number;
  ordinal: number;
  request: number | null;
  node: string;
  policy: Policy;
  chosen: string | null;
  reason: string;
  candidates: { node: string; active: number; weight: number; score: string; standing: string; chosen: boolean }[];
  /** Candidates that are not listed. */
  more: number;
}
