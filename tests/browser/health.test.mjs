// Health as a reader meets it: a backend is killed, taken out at the moment that its checks lead to,
// and brought back; and whoever counts the requests that failed comes to the same number.

import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();

const HEALTH = "lessons/health-and-failover/";
const skip = !existsSync(join(SITE, HEALTH)) && `the site has no ${HEALTH}`;

/** What the lab's settings and links say, in milliseconds: a check begins so long after the last was over. */
const INTERVAL = 2_000;
const FALL = 3;
const RISE = 2;
/** A refused check takes a round trip of 2 ms; a good one a connection, an answer and 1 ms of work. */
const REFUSED = 2;
const GOOD = 5;

/** What a lab shows of the health of its members. */
class Health {
  constructor(lab) {
    this.lab = lab;
    this.panel = lab.panel("Health");
  }

  static async open(id, settings = {}) {
    const page = await on.open(HEALTH, { viewport: { width: 1440, height: 900 }, ...settings });
    await ready(page);
    const health = new Health(new Lab(page, id));
    await health.lab.root.scrollIntoViewIfNeeded();
    await health.panel.getByRole("heading", { name: /^Health/ }).waitFor();
    return { page, health, lab: health.lab };
  }

  member(name) {
    return this.panel.locator(".hl-member").filter({ has: this.lab.page.getByRole("heading", { name, exact: true }) });
  }

  /** What stands above a member's strip. */
  async state(name) {
    return (await this.member(name).locator(".hl-head").innerText()).replace(/\s+/g, " ");
  }

  /** A member's strip, as it is read aloud. */
  async told(name) {
    return this.member(name).locator(".hl-strip").getAttribute("aria-label");
  }

  /** Goes to a moment and waits until the picture is that of this moment. */
  async at(ms) {
    await this.lab.seek(ms);
    const clock = `${String(Math.floor(ms / 60_000)).padStart(2, "0")}:${((ms % 60_000) / 1_000).toFixed(3).padStart(6, "0")}`;
    await eventually(() => this.lab.clock(), (now) => now === clock, `the clock stands at ${clock}`);
    await this.lab.rest(() => true, "the lab stands still");
  }

  /** When a member's last check was over, in milliseconds. */
  async lastCheck(name) {
    return Math.round(Number(/the last at ([\d.]+)/.exec(await this.told(name))[1]) * 1_000);
  }
}

/** A number in a sentence. */
const number = (pattern, text) => Number(pattern.exec(text)?.[1].replaceAll(",", ""));

test("a backend that is killed goes when its checks say, comes back when they say, and three ways of counting agree", { skip }, async () => {
  const { page, health, lab } = await Health.open("kill-hang-break");
  await health.at(6_000);
  const kill = lab.settings.getByRole("button", { name: /^Kill b3/ });
  const passed = await health.lastCheck("b3");
  await kill.click();

  const out = passed + FALL * (INTERVAL + REFUSED);
  await health.at(out - 1);
  assert.match(await health.state("b3"), /^b3 in use, failing checks 2 of 3 failed/);
  await health.at(out);
  assert.match(await health.state("b3"), /^b3 out 0 of 2 good/);
  await health.member("b3").getByText(`out at ${(out / 1_000).toFixed(3)}: noticed after`).waitFor();
  await lab.events.getByText("Balancer uses b3 no longer: 3 checks in a row failed").waitFor();
  assert.match(await lab.decision.innerText(), /b3/);

  await health.at(out + 1_000);
  await lab.settings.getByRole("button", { name: /^Kill b3/ }).click();
  const back = out + RISE * (INTERVAL + GOOD);
  await health.at(back - 1);
  assert.match(await health.state("b3"), /^b3 out 1 of 2 good/);
  await health.at(back);
  assert.match(await health.state("b3"), /^b3 in use 0 of 3 failed/);
  await lab.events.getByText("Balancer uses b3 again: 2 checks in a row were good").waitFor();

  // In words, twice: above the strips, and in the stage as a table.
  const words = number(/^([\d,]+) requests? failed/, await health.panel.locator(".hl-cost").innerText());
  assert.ok(words > 20, `${words} requests failed`);
  await lab.root.getByText("The stage as a table").click();
  const shoppers = lab.root.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Shoppers", exact: true }) }).last();
  await shoppers.getByText(/failed/).waitFor();
  assert.equal(number(/([\d,]+) failed/, await shoppers.innerText()), words);

  // In the picture: a dot for each, and what is read aloud.
  assert.equal(await health.panel.locator(".hl-strip .hl-error").count(), words);
  assert.equal(number(/; ([\d,]+) requests? went wrong/, await health.told("b3")), words);

  // In the log, which shows its last 200 events: read it through from the kill on.
  await lab.events.getByRole("button", { name: "Show more" }).click();
  const failed = new Set();
  for (let ms = 6_000; ms <= out + 500; ms += 250) {
    await health.at(ms);
    for (const line of await lab.lines()) {
      const answer = /The answer to (#\d+) is back at Shoppers: 50[0-9]/.exec(line);
      if (answer) failed.add(answer[1]);
    }
  }
  assert.equal(failed.size, words);
  assertCalm(page);
});

test("a server that hangs takes its checks' timeouts longer than one that refuses", { skip }, async () => {
  const { page, health } = await Health.open("kill-hang-break");
  await health.at(50_000);
  const said = await health.member("b2").locator(".hl-sum").innerText();
  const parts = /noticed after ([\d.]+) s = ([\d.]+) ms to the next check \+ ([\d.]+) s in 3 checks \+ ([\d.]+) s between them/.exec(said);
  assert.ok(parts, said);
  const [whole, wait, checks, pauses] = parts.slice(1).map(Number);
  assert.ok(Math.abs(whole - (wait / 1_000 + checks + pauses)) < 0.02, said);
  assert.equal(checks, 3, "each of three checks waited for its second");
  assert.equal(pauses, 4, "two pauses of two seconds");
  assertCalm(page);
});

test("what was ejected says until when", { skip }, async () => {
  const { page, health, lab } = await Health.open("kill-hang-break");
  await health.at(9_900);
  const errors = lab.settings.getByRole("slider", { name: "Errors in a row" });
  await errors.focus();
  for (let i = 0; i < 3; i += 1) await errors.press("ArrowRight");
  await health.at(12_000);
  const until = Number(/^b3 out until ([\d.]+)/.exec(await health.state("b3"))?.[1]);
  assert.ok(until > 20 && until < 21, `left out for ten seconds: ${until}`);
  // Its ejection is over, and by then its checks have failed.
  await health.at(22_000);
  assert.match(await health.state("b3"), /^b3 out 0 of 2 good/);
  assertCalm(page);
});

for (const [width, colorScheme] of [[320, "dark"], [390, "light"], [768, "dark"], [1440, "light"]]) {
  test(`health at ${width} px, ${colorScheme}: axe finds nothing, and nothing is wider than the window`, { skip }, async () => {
    const { page, health, lab } = await Health.open("kill-hang-break", { colorScheme, viewport: { width, height: 800 } });
    await health.at(16_000);
    const { violations } = await new AxeBuilder({ page }).include(`[data-lab="${lab.id}"]`).analyze();
    assert.deepEqual(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`), []);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    assertCalm(page);
  });
}

test("its code comes with a lab that shows it, and with no other", { skip }, async () => {
  const pieces = async (path, id) => {
    const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
    const names = [];
    page.on("response", (response) => names.push(response.url()));
    await page.goto(new URL(path, on.site.url).href);
    await ready(page);
    const lab = new Lab(page, id);
    await lab.root.scrollIntoViewIfNeeded();
    await lab.step.click();
    if (path === HEALTH) await lab.panel("Health").getByRole("heading", { name: /^Health/ }).waitFor();
    return names.filter((name) => /\/(checks|health)-[0-9a-f]+\.(wasm|css)$/.test(name)).map((name) => name.replace(/.*\/(\w+)-.*\.(\w+)$/, "$1.$2")).sort();
  };
  assert.deepEqual(await pieces(LESSON, "one-then-four"), []);
  assert.deepEqual(await pieces(HEALTH, "kill-hang-break"), ["checks.wasm", "health.css", "health.wasm"]);
});

test("a picture whose code cannot be fetched says so", { skip }, async () => {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  await page.route(/\/checks-[0-9a-f]+\.wasm/, (route) => route.abort());
  await page.goto(new URL(HEALTH, on.site.url).href);
  await ready(page);
  const lab = new Lab(page, "kill-hang-break");
  await lab.root.scrollIntoViewIfNeeded();
  await lab.panel("Health").getByText(/could not be fetched/).waitFor();
  await lab.step.click();
  assertCalm(page, [/^failed: .*checks/, /Failed to fetch|Failed to load resource|ERR_FAILED/]);
});
