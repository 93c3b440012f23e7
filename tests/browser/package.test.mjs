// The JavaScript package on a plain page, and invariant 2: one fingerprint for the same run in
// Chromium and natively.

import { test } from "node:test";
import assert from "node:assert/strict";

import { PACKAGE, assertCalm, native, stage } from "./browser.mjs";

const PAGE = `<!DOCTYPE html>
<html lang="en"><title>A plain page</title><link rel="icon" href="data:,">
<script type="module">
  import init, { Lab } from "./hopscope_embed.js";
  await init();
  window.Lab = Lab;
  document.title = "ready";
</script>`;

const on = stage({ folder: PACKAGE, what: "the package: cargo xtask test --only embed", pages: { "/plain.html": PAGE } });

async function plain() {
  const page = await on.open("plain.html");
  await page.waitForFunction(() => document.title === "ready");
  await page.evaluate(() => {
    window.scenario = {
      horizon: "10s",
      seed: 3,
      link: { latency: "1ms" },
      clients: [{ name: "web", target: "lb", arrivals: { poisson: { rate: 50 } }, requests: [{ service: { exponential: { mean: "10ms" } } }] }],
      proxies: [{ name: "lb", pools: [{ name: "main", policy: "least_conn", members: [{ node: "b1" }, { node: "b2" }] }] }],
      backends: [{ name: "b1" }, { name: "b2" }],
      knobs: [{ id: "rate", sets: ["web.rate"], kind: { number: { min: 0, max: 100, step: 1, unit: "req/s", default: 50 } } }],
      faults: [{ id: "kill-b1", effect: { kill: { node: "b1" } } }],
    };
  });
  return page;
}

test("a plain page loads a scenario, steps, seeks, acts and reads", async () => {
  const page = await plain();
  const told = await page.evaluate(() => {
    const lab = new Lab(scenario);
    const told = { seed: lab.seed, start: lab.position };
    lab.seek(500);
    told.there = [lab.position, lab.fingerprint()];
    lab.stepBack();
    lab.step();
    told.again = [lab.position, lab.fingerprint()];
    lab.seekTime(4_000);
    told.now = lab.now;
    told.snapshot = lab.snapshot();
    told.events = lab.events(1, lab.position);
    told.decision = lab.decision(told.events.find((event) => event.kind === "decided").decision);
    lab.act({ set: { knob: "rate", to: { number: 90 } } });
    lab.act({ fault: { id: "kill-b1", on: true } });
    lab.seekTime(1e9);
    told.end = { over: lab.isOver, snapshot: lab.snapshot() };
    told.undone = [lab.undo(), lab.undo(), lab.undo()];
    lab.free();
    return told;
  });
  assert.deepEqual([told.seed, told.start], ["3", 0]);
  assert.deepEqual(told.again, told.there);
  assert.match(told.there[1], /^[0-9a-f]{16}$/);
  assert.ok(told.now <= 4_000 && told.now > 3_900);
  const { requests, nodes, pools } = told.snapshot;
  assert.equal(requests.started, requests.served + requests.rejected + requests.failed + requests.inFlight);
  assert.deepEqual(nodes.map((node) => node.kind), ["clients", "proxy", "backend", "backend"]);
  assert.deepEqual(pools[0].members.map((member) => member.node), ["b1", "b2"]);
  assert.ok(told.events.every((event, i) => event.words.length > 0 && (i === 0 || event.ordinal >= told.events[i - 1].ordinal)));
  assert.equal(told.decision.candidates.filter((one) => one.chosen).length, 1);
  assert.ok(told.end.over && told.end.snapshot.requests.started > requests.started);
  assert.equal(told.end.snapshot.nodes.find((node) => node.name === "b1").health, "killed");
  assert.deepEqual(told.undone, [true, true, false]);
  assertCalm(page);
});

test("what makes no sense is thrown in words, and nothing has changed then", async () => {
  const page = await plain();
  const told = await page.evaluate(() => {
    const thrown = (work) => {
      try { work(); } catch (error) { return [error instanceof Error, error.message]; }
      return [false, "nothing was thrown"];
    };
    const lab = new Lab(scenario);
    lab.seek(100);
    const before = lab.fingerprint();
    const all = {
      "must be an object": thrown(() => new Lab(7)),
      "a run needs a length": thrown(() => new Lab({})),
      'no "horizn"': thrown(() => new Lab({ ...scenario, horizn: "3s" })),
      "clients[0]": thrown(() => new Lab({ ...scenario, clients: [{ name: "web", target: "lb", users: -1 }] })),
      "clients[0].arrivals.poisson.burst": thrown(() => new Lab({ ...scenario, clients: [{ name: "web", target: "lb", arrivals: { poisson: { rate: 1, burst: 2 } } }] })),
      "which does not exist": thrown(() => new Lab({ ...scenario, clients: [{ name: "web", target: "nobody" }] })),
      "The seed": thrown(() => new Lab(scenario, -1)),
      "no knob": thrown(() => lab.act({ set: { knob: "size", to: { number: 1 } } })),
      "outside 0 to 100": thrown(() => lab.act({ set: { knob: "rate", to: { number: 101 } } })),
      "cannot be read": thrown(() => lab.act({ turn: "left" })),
      "A position": thrown(() => lab.seek(-1)),
      "A moment": thrown(() => lab.seekTime(NaN)),
      "no decision": thrown(() => lab.decision(1e6)),
    };
    return { all, same: lab.fingerprint() === before };
  });
  for (const [part, [isError, message]] of Object.entries(told.all)) {
    assert.ok(isError && message.includes(part) && message.endsWith("."), `${part}: ${message}`);
  }
  assert.ok(told.same);
  assertCalm(page);
});

test("seeds past 2^53 cross the border whole", async () => {
  const page = await plain();
  const seeds = await page.evaluate(() => [new Lab(scenario, "18446744073709551615").seed, new Lab(scenario, 2n ** 63n).seed, new Lab(scenario, 5).seed]);
  assert.deepEqual(seeds, ["18446744073709551615", "9223372036854775808", "5"]);
});

test("Chromium comes to the same fingerprints as a native run, for every lab on 50 seeds", async () => {
  const page = await plain();
  const scenarios = JSON.parse(native("native_runs"));
  assert.ok(scenarios.length >= 5);
  for (const { name, scenario, runs } of scenarios) {
    assert.equal(runs.length, 50);
    const found = await page.evaluate(({ scenario, runs }) => runs.map(({ seed, actions, end }) => {
      const lab = new Lab(scenario, seed);
      for (const { at, kind } of actions) {
        lab.seek(at);
        lab.act(kind);
      }
      lab.seek(Math.max(end, lab.position));
      const result = `${lab.position} ${lab.fingerprint()}`;
      lab.free();
      return result;
    }), { scenario, runs });
    for (const [i, run] of runs.entries()) {
      assert.equal(found[i], `${run.position} ${run.fingerprint}`, `${name} on seed ${run.seed}: is the package as new as the engine?`);
    }
  }
  assertCalm(page);
});
