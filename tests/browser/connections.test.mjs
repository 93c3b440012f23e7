// Connections as a reader meets them: one request followed message by message, and a backend that
// dies between two of them.

import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();

const PROXIES = "lessons/what-reverse-proxies-do/";
const skip = !existsSync(join(SITE, PROXIES)) && `the site has no ${PROXIES}`;

/** What a lab shows of its connections. */
class Wires {
  constructor(lab) {
    this.lab = lab;
    this.diagram = lab.panel("Messages");
    this.rows = this.diagram.getByRole("listitem").getByRole("button");
    this.tables = lab.panel("Connections").getByRole("table");
    this.pool = lab.panel("Pool");
  }

  static async open(id, settings = {}) {
    const page = await on.open(PROXIES, { viewport: { width: 1440, height: 900 }, ...settings });
    await ready(page);
    const wires = new Wires(new Lab(page, id));
    await wires.lab.root.scrollIntoViewIfNeeded();
    await wires.diagram.getByRole("heading").waitFor();
    return { page, wires, lab: wires.lab };
  }

  /** The rows as they are read aloud. */
  async messages() {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.firstElementChild.textContent));
  }

  /** One row of a connection's table: what the one who opened it knows, and what the other end does. */
  async row(connection, name) {
    const row = this.tables.nth(connection).getByRole("row").filter({ has: this.lab.page.getByRole("rowheader", { name, exact: true }) });
    return row.getByRole("cell").allInnerTexts();
  }

  /** Steps until a message satisfies, and gives all rows. */
  async stepTo(pattern) {
    for (let steps = 0; steps < 60; steps += 1) {
      const rows = await this.messages();
      if (rows.some((row) => pattern.test(row))) return rows;
      const before = await this.lab.position();
      await this.lab.step.click();
      await this.lab.at((position) => position === before + 1, "a step is one event");
    }
    assert.fail(`no message matches ${pattern}: ${await this.messages()}`);
  }
}

/** What is sent, and between whom: `SYN from You to Proxy`. */
const headline = (row) => row.split(" on connection ")[0];

test("one request is followed message by message, and each row leads back to its moment", { skip }, async () => {
  const { page, wires, lab } = await Wires.open("follow");
  const rows = await wires.stepTo(/^Answer 200 from Proxy to You .*arrive[ds]/);
  const order = rows.map(headline);
  const backend = /^SYN from Proxy to (\w+)$/.exec(order[4])?.[1];
  assert.deepEqual(order, [
    "SYN from You to Proxy",
    "SYN-ACK from Proxy to You",
    "ACK from You to Proxy",
    "GET / from You to Proxy",
    `SYN from Proxy to ${backend}`,
    `SYN-ACK from ${backend} to Proxy`,
    `ACK from Proxy to ${backend}`,
    `GET / from Proxy to ${backend}`,
    `Answer 200 from ${backend} to Proxy`,
    "Answer 200 from Proxy to You",
  ]);
  const connections = rows.map((row) => Number(/on connection (\d+)/.exec(row)[1]));
  assert.equal(new Set(connections).size, 2, "two connections lie on its way");
  assert.ok(connections.every((connection, i) => connection === connections[[0, 1, 2, 3, 9].includes(i) ? 0 : 4]), `${connections}`);

  await wires.rows.nth(4).focus();
  await page.keyboard.press("Enter");
  await eventually(() => wires.messages(), (now) => now.length === 5 && /leaves now/.test(now[4]), "the row leads to the event that sent it");
  await wires.rows.nth(4).and(page.locator("[aria-current=true]")).waitFor();
  assert.ok(await wires.rows.nth(4).evaluate((row) => row === document.activeElement), "the focus stays on the row");
  assertCalm(page);
});

test("what the two ends of a connection know of it is not the same", { skip }, async () => {
  const { page, wires } = await Wires.open("follow");
  await wires.stepTo(/^SYN from You to Proxy .*leaves now/);
  assert.deepEqual(await wires.row(0, "State"), ["opening: SYN sent", "knows nothing of it yet"]);
  await wires.stepTo(/^SYN-ACK from Proxy to You .*leaves now/);
  assert.deepEqual(await wires.row(0, "State"), ["opening: SYN sent", "opening: SYN-ACK sent"]);
  await wires.stepTo(/^Answer 200 from \w+ to Proxy .*leaves now/);
  assert.equal(await wires.tables.count(), 2);
  const [mine, theirs] = [await wires.row(0, "Own address"), await wires.row(1, "Peer")];
  assert.equal(mine[1], theirs[1], "the backend's peer is the proxy");
  assert.ok(!theirs.includes(mine[0]), "and not the one who asked");
  assert.deepEqual(await wires.row(1, "Under way"), ["1", "0"], "the answer is still on its way to the proxy");
  assertCalm(page);
});

test("a backend dies between a request and its answer, and the inspector says what became of both", { skip }, async () => {
  const page = await on.open(PROXIES, { viewport: { width: 1440, height: 900 } });
  await ready(page);
  const lab = new Lab(page, "crash");
  await lab.settings.getByRole("button", { name: /^Kill b1/ }).click();
  const told = async () => (await lab.lines()).join("\n");
  for (let steps = 0; steps < 40 && !/tries #\d+ again/.test(await told()); steps += 1) {
    const before = await lab.position();
    await lab.step.click();
    await lab.at((position) => position === before + 1, "a step is one event");
  }
  assert.match(await told(), /Proxy learns that connection \d+ is gone/);
  const again = Number(/tries #(\d+) again/.exec(await told())?.[1]);
  // The page goes to b2, and the reason that it does not go to b1 is that it has been there.
  assert.match(await lab.decision.innerText(), new RegExp(`Request #${again} · GET / · Proxy`));
  assert.equal(await lab.why.innerText(), "Why b2?");
  const b1 = lab.decision.getByRole("row").filter({ has: page.getByRole("rowheader", { name: /b1$/ }) });
  assert.match(await b1.innerText(), /tried already/);

  // The order was sent too, and nobody knows what became of it.
  const request = lab.panel("Request ·");
  for (let tries = 0; tries < 6 && !/POST \/order/.test(await request.innerText()); tries += 1) {
    await request.getByRole("button", { name: "Later request" }).click();
  }
  await eventually(async () => {
    await lab.step.click();
    return request.innerText();
  }, (text) => /POST \/order 502, failed/.test(text.replace(/\s+/g, " ")), "the order is a 502");
  assertCalm(page);
});

for (const [width, colorScheme] of [[320, "dark"], [390, "light"], [768, "dark"], [1440, "light"]]) {
  test(`connections at ${width} px, ${colorScheme}: axe finds nothing, and nothing is wider than the window`, { skip }, async () => {
    const { page, wires, lab } = await Wires.open("follow", { colorScheme, viewport: { width, height: 800 } });
    await lab.scrub(0.3);
    await wires.rows.first().waitFor();
    const { violations } = await new AxeBuilder({ page }).include(`[data-lab="${lab.id}"]`).analyze();
    assert.deepEqual(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`), []);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    assertCalm(page);
  });
}

test("their code comes with a lab that shows them, and with no other", { skip }, async () => {
  const pieces = async (path) => {
    const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
    const names = [];
    page.on("response", (response) => names.push(response.url()));
    await page.goto(new URL(path, on.site.url).href);
    await ready(page);
    const first = new Lab(page, path === LESSON ? "one-then-four" : "follow");
    await first.root.scrollIntoViewIfNeeded();
    await first.step.click();
    if (path !== LESSON) await first.panel("Messages").getByRole("heading").waitFor();
    return names.filter((name) => /\/(panels|connections)-/.test(name)).map((name) => name.replace(/.*\/(\w+)-.*\.(\w+)$/, "$1.$2")).sort();
  };
  assert.deepEqual(await pieces(LESSON), []);
  assert.deepEqual(await pieces(PROXIES), ["connections.css", "panels.wasm"]);
});

test("pictures whose code cannot be fetched say so", { skip }, async () => {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  await page.route(/\/panels-[0-9a-f]+\.wasm/, (route) => route.abort());
  await page.goto(new URL(PROXIES, on.site.url).href);
  await ready(page);
  const lab = new Lab(page, "follow");
  await lab.root.scrollIntoViewIfNeeded();
  await lab.panel("Messages").getByText(/could not be fetched/).waitFor();
  await lab.step.click();
  assertCalm(page, [/^failed: .*panels/, /Failed to fetch|Failed to load resource|ERR_FAILED/]);
});
