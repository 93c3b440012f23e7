// Who knows whom, as a reader sees it: a user who is kept by a cookie, the server that dies under
// them, and one number of lost sessions wherever it is said.

import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();

const STICKY = "lessons/sticky-sessions/";
const skip = !existsSync(join(SITE, STICKY)) && `the site has no ${STICKY}`;

/** What a lab shows of its sessions. */
class Known {
  constructor(lab) {
    this.lab = lab;
    this.root = lab.panel("Sessions");
    this.losses = this.root.getByRole("list").last().getByRole("button");
  }

  static async open(id, settings = {}) {
    const page = await on.open(STICKY, { viewport: { width: 1440, height: 900 }, ...settings });
    await ready(page);
    const known = new Known(new Lab(page, id));
    await known.lab.root.scrollIntoViewIfNeeded();
    await known.root.getByRole("heading", { name: "Who knows whom" }).waitFor();
    return { page, known, lab: known.lab };
  }

  /** What stands there, in one line. */
  async words() {
    return (await this.root.innerText()).replace(/\s+/g, " ");
  }

  /** How many users each server knows. */
  async counts() {
    const servers = this.root.getByRole("list").first().getByRole("listitem");
    const said = await servers.allInnerTexts();
    return Object.fromEntries(said.map((words) => [/^\w+/.exec(words)[0], Number(/(\d+) users?/.exec(words)?.[1] ?? 0)]));
  }

  /** What is said of the user whose request is followed, by the words before it. */
  async followed() {
    const facts = this.root.locator("dl");
    const [names, said] = [await facts.locator("dt").allInnerTexts(), await facts.locator("dd").allInnerTexts()];
    return Object.fromEntries(names.map((name, place) => [name, said[place]]));
  }

  /** The name of that user. */
  async name() {
    return this.root.locator("section", { has: this.lab.page.locator("dl") }).getByRole("heading").innerText();
  }
}

/** The requests of which the log says, between two moments of a run, that a server did not know their user. */
async function strangers(lab, from, to, whole) {
  const met = new Set();
  for (let second = from; second <= to; second += 1) {
    await lab.scrub(second / whole);
    await lab.rest((position) => position > 0, "the lab stands still");
    for (const line of await lab.lines()) if (/does not know the user/.test(line)) met.add(/#\d+/.exec(line)[0]);
  }
  return met;
}

test("a user who is kept by a cookie, a server that dies, and one number of lost sessions", { skip }, async () => {
  const { page, known, lab } = await Known.open("log-in");
  await lab.settings.getByRole("radio", { name: "Balancer's cookie" }).check({ force: true });
  await lab.scrub(0.5);
  await lab.rest((position) => position > 100, "half of the run has gone by");
  assert.match(await known.words(), /sets a cookie, SRV, that names the server/);
  assert.deepEqual(await known.counts(), { b1: 8, b2: 8, b3: 8 });

  // Whoever is followed brings a cookie that names the server where they are known.
  const before = await known.followed();
  const server = /SRV=(b\d)/.exec(before.Brings)[1];
  assert.deepEqual([before["Known at"], before.Lost], [server, "never"]);

  await lab.settings.getByRole("button", { name: "Kill b1" }).click();
  await eventually(() => known.words(), (words) => /b1 gone 8 users/.test(words), "b1 is gone, and its users have not noticed");
  await lab.scrub(45 / 60);
  await eventually(() => known.words(), (words) => /Who lost a session 8 users of 24: 8 because b1 is gone\./.test(words), "all of them have asked again");
  assert.equal((await known.counts()).b1, 0);
  const panel = Number(/Who lost a session (\d+) users/.exec(await known.words())[1]);
  const goal = Number(/Nobody loses a session\s+(\d+), at most 0/.exec(await lab.goals.innerText())[1]);

  // A loss leads to the moment in which it came out, and to its user.
  const loss = await known.losses.first().innerText();
  await known.losses.first().click();
  await eventually(() => lab.lines(), (lines) => lines.some((line) => /does not know the user/.test(line)), "the log tells of it");
  const who = await eventually(() => known.name(), (name) => loss.includes(name), "its user is followed");
  const after = await known.followed();
  assert.match(after.Lost, /^once, last at \d+\.\d{3} s: because b1 is gone$/, who);
  assert.match(loss, new RegExp(`now at ${after["Known at"]}$`));

  await lab.button("Show more").click();
  const log = await strangers(lab, 31, 45, 60);
  assert.deepEqual([panel, goal, log.size], [8, 8, 8], "the panel, the goals and the log say the same");
  assertCalm(page);
});

test("what it says is for everybody: narrow, dark, and without seeing it", { skip }, async () => {
  for (const settings of [{ viewport: { width: 320, height: 800 } }, { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }]) {
    const { page, known, lab } = await Known.open("log-in", settings);
    await lab.scrub(0.4);
    await eventually(() => known.words(), (words) => /24 users of 24/.test(words), "by turns everybody has lost a session");
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    assert.ok(inner <= outer, `${inner} px in ${outer}`);
    const results = await new AxeBuilder({ page }).include("[data-lab=log-in] [data-part=sessions]").analyze();
    assert.deepEqual(results.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`), []);
    assertCalm(page);
  }
});

test("its code and style come with this lesson, and with no other", { skip }, async () => {
  const pieces = async (path, id) => {
    const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
    const names = [];
    page.on("response", (response) => names.push(response.url()));
    await page.goto(new URL(path, on.site.url).href);
    await ready(page);
    const lab = new Lab(page, id);
    await lab.root.scrollIntoViewIfNeeded();
    await lab.step.click();
    if (path === STICKY) await new Known(lab).root.getByRole("heading", { name: "Who knows whom" }).waitFor();
    return names.filter((name) => /\/sessions-/.test(name)).map((name) => name.replace(/.*\/(\w+)-.*\.(\w+)$/, "$1.$2")).sort();
  };
  assert.deepEqual(await pieces(LESSON, "one-then-four"), []);
  assert.deepEqual(await pieces(STICKY, "log-in"), ["sessions.css", "sessions.wasm"]);
});
