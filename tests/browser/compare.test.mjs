// Runs side by side: the race is run, its differences are read and its first divergence is found,
// with the pointer and without. Beside a decision stands the picture of what its policy keeps.

import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();

/** Labs with variants: lesson, lab, and how many run side by side. */
const RACES = [
  [LESSON, "side-by-side", 2],
  ["lessons/balancing-algorithms/", "race", 4],
];
const missing = (lesson) => !existsSync(join(SITE, lesson)) && `the site has no ${lesson}`;

async function open(lesson, id, settings = {}) {
  const page = await on.open(lesson, { viewport: { width: 1440, height: 900 }, ...settings });
  await ready(page);
  return { page, lab: new Lab(page, id) };
}

/** What is compared in a lab, as a reader finds it. */
class Race {
  constructor(lab) {
    this.lab = lab;
    this.differences = lab.panel("Differences");
    this.shares = lab.panel("Requests per server");
    this.raster = lab.panel("Choices");
    this.picture = this.raster.getByRole("img");
    this.runs = lab.root.getByRole("button", { name: /inspect this one|inspected below/ });
    this.divergence = lab.button(/^(First|Go to the first) divergence/);
  }

  static async begin(lab, share = 0.3) {
    await lab.scrub(share);
    await lab.button("Side by side").click();
    const race = new Race(lab);
    await race.picture.waitFor();
    return race;
  }

  /** The request that is followed, as the raster frames it. */
  async followed() {
    return Number(await this.picture.locator(".rs-tag-text").textContent());
  }
}

for (const [lesson, id, runs] of RACES) {
  test(`the race of ${runs} in ${id} is run and its first divergence is found`, { skip: missing(lesson) }, async () => {
    const { page, lab } = await open(lesson, id);
    const race = await Race.begin(lab);
    assert.equal(await race.runs.count(), runs);
    assert.equal(await race.differences.getByRole("columnheader").count(), runs + 1);
    for (const measure of ["p50", "p95", "p99", "Variation", "Busiest ÷ mean", "Failed"]) {
      await race.differences.getByRole("rowheader", { name: new RegExp(`^${measure}`) }).waitFor();
    }
    const marked = await race.differences.getByText(/best:/).count();
    assert.ok(marked > 0, "the best of a row is said in words");

    const words = await race.divergence.innerText();
    const request = Number(words.match(/request (\d+)/)?.[1]);
    assert.ok(request > 0, words);
    assert.match(await race.picture.getAttribute("aria-label"), new RegExp(`The first of these is request ${request}: A chose .+, B chose `));
    await race.divergence.click();
    await eventually(() => race.followed(), (at) => at === request, "the raster goes to the first divergence");
    assert.equal(await race.picture.getByText("first divergence", { exact: true }).count(), 1, "a flag stands there");
    const choices = await race.picture.locator("g[data-do=choice]").evaluateAll((cells, at) => {
      const frame = document.querySelector(".rs-followed").getBoundingClientRect();
      return cells.filter((cell) => { const box = cell.getBoundingClientRect(); return box.left > frame.left - 3 && box.right < frame.right + 3; }).map((cell) => cell.textContent);
    }, request);
    assert.equal(choices.length, runs);
    assert.ok(new Set(choices).size > 1, `the servers differ: ${choices}`);
    assertCalm(page);
  });
}

test("with the keyboard the raster is walked request by request", async () => {
  const { page, lab } = await open(...RACES[0]);
  const race = await Race.begin(lab);
  await race.divergence.focus();
  await page.keyboard.press("Enter");
  const start = await eventually(() => race.followed(), (at) => at === 1, "request 1 is the first to differ here");
  await race.raster.focus();
  for (const [key, to] of [["ArrowRight", start + 1], ["ArrowRight", start + 2], ["ArrowLeft", start + 1]]) {
    await page.keyboard.press(key);
    await eventually(() => race.followed(), (at) => at === to, `${key} leads to request ${to}`);
    assert.ok(await race.raster.evaluate((one) => one === document.activeElement), "the focus stays");
  }
  await lab.button("These choices as a table").click();
  const table = lab.panel("Choices as a table");
  await table.getByRole("row", { name: new RegExp(`^${start + 1} `) }).waitFor();
  assertCalm(page);
});

test("a request in the raster leads to its decision, and stays the same when another run is inspected", async () => {
  const { page, lab } = await open(...RACES[0]);
  const race = await Race.begin(lab);
  const cell = race.picture.locator("g[data-id^='1,']").nth(5);
  // The raster may be drawn again under the pointer once its code has come; then the click went nowhere.
  const inspected = race.runs.nth(1).and(page.locator("[aria-pressed=true]"));
  await eventually(async () => (await cell.click(), inspected.count()), (count) => count > 0, "the run of the request is inspected");
  const followed = await race.followed();
  await lab.why.waitFor();
  await race.runs.nth(0).click();
  await race.runs.nth(0).and(page.locator("[aria-pressed=true]")).waitFor();
  assert.equal(await race.followed(), followed);
  assertCalm(page);
});

test("a lab without variants is compared with what it was before the last change", async () => {
  const { page, lab } = await open(LESSON, "even-out");
  await lab.scrub(0.5);
  assert.equal(await lab.button("Before and after").count(), 0, "nothing has been changed");
  await lab.turnFirstNumber();
  await lab.button("Before and after").click();
  const race = new Race(lab);
  await race.picture.waitFor();
  assert.match(await race.runs.nth(0).innerText(), /Before your change/);
  assert.match(await race.runs.nth(1).innerText(), /→ 2/);
  await lab.button("Before and after").click();
  await race.picture.waitFor({ state: "detached" });
  await lab.undo.waitFor();
  assertCalm(page);
});

test("beside a decision stands the picture of what its policy keeps", async () => {
  const { page, lab } = await open(LESSON, "even-out");
  await lab.settings.getByRole("radio", { name: "Layer 7" }).check({ force: true });
  await lab.scrub(0.4);
  await lab.root.scrollIntoViewIfNeeded();
  const picture = lab.decision.getByRole("img", { name: /counters/ });
  await picture.waitFor();
  assert.match(await picture.getAttribute("aria-label"), /reached [−\d]+, the highest\. It pays 4, what all gained together/);
  assertCalm(page);
});

for (const [width, colorScheme] of [[320, "dark"], [390, "light"], [768, "dark"], [1440, "light"]]) {
  test(`compared at ${width} px, ${colorScheme}: axe finds nothing, and nothing is wider than the window`, async () => {
    const { page, lab } = await open(...RACES[0], { colorScheme, viewport: { width, height: 800 } });
    await Race.begin(lab);
    await lab.button("These choices as a table").click();
    await lab.panel("Choices as a table").waitFor();
    const { violations } = await new AxeBuilder({ page }).include(`[data-lab="${lab.id}"]`).analyze();
    assert.deepEqual(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target.join(" ")).join(", ")}`), []);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(over <= 0, `${over} px too wide`);
    assertCalm(page);
  });
}

test("a comparison whose code cannot be fetched says so", async () => {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  await page.route(/\/aside-[0-9a-f]+\.wasm/, (route) => route.abort());
  await page.goto(new URL(LESSON, on.site.url).href);
  await ready(page);
  const lab = new Lab(page, "side-by-side");
  await lab.button("Side by side").click();
  await lab.root.getByText(/could not be fetched/).first().waitFor();
  await lab.button("Side by side").click();
  await lab.step.click();
  assertCalm(page, [/^failed: .*aside/, /Failed to fetch|Failed to load resource|ERR_FAILED/]);
});
