// A run of 100,000 requests: wherever the timeline is dragged, no frame is held up.

import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { LESSON, SITE, assertCalm, eventually, native, stage } from "./browser.mjs";
import { LABS, Lab, ready } from "./lesson-page.mjs";

/** Milliseconds that a frame may be held up. */
const LIMIT = 50;
/** What else the machine does can only add to a measurement, so the best of several counts. */
const ATTEMPTS = 3;

const on = stage();
let folder;
let lesson;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "hopscope-"));
  const file = join(folder, "lesson.bin");
  native("long_lesson", join(SITE, LESSON, "lesson.bin"), file);
  lesson = await readFile(file);
});
after(() => rm(folder, { recursive: true, force: true }));

/** Notes every task that holds the page up, from now on. */
const note = (page) => page.evaluate(() => {
  window.held = [];
  window.observer?.disconnect();
  window.observer = new PerformanceObserver((list) => window.held.push(...list.getEntries().map((entry) => Math.round(entry.duration))));
  window.observer.observe({ type: "longtask" });
});

const longest = (page) => page.evaluate(() => {
  window.held.push(...window.observer.takeRecords().map((entry) => Math.round(entry.duration)));
  return Math.max(0, ...window.held);
});

test("a long run advances in slices, with a progress bar, and is scrubbed without a held frame", async () => {
  const worst = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const page = await on.open(null);
    await page.route("**/lesson.bin", (route) => route.fulfill({ body: lesson, contentType: "application/octet-stream" }));
    await page.goto(new URL(LESSON, on.site.url).href);
    await ready(page);
    const lab = new Lab(page, LABS[0]);
    await page.waitForTimeout(1_000);

    await note(page);
    await lab.scrub(1);
    await lab.runningAhead.waitFor();
    await lab.runningAhead.waitFor({ state: "detached", timeout: 120_000 });
    const there = await longest(page);
    const end = await lab.position();
    assert.ok(end > 500_000, `a run of 100,000 requests has more events than ${end}`);

    await note(page);
    for (const share of [0.5, 0.1, 0.9, 0.33, 0.77, 0, 1, 0.5]) {
      await lab.scrub(share);
      const max = Number(await lab.timeline.getAttribute("max"));
      await eventually(() => lab.timeline.inputValue(), (value) => Math.abs(Number(value) - max * share) <= 1, "the slider stands where it was dragged");
      await page.waitForTimeout(250);
    }
    worst.push({ there, back: await longest(page) });
    assertCalm(page);
    await page.context().close();
    if (Math.max(worst.at(-1).there, worst.at(-1).back) <= LIMIT) return;
  }
  const best = (of) => Math.min(...worst.map((one) => one[of]));
  assert.ok(best("there") <= LIMIT && best("back") <= LIMIT, `the longest task took, in ms, on the way there and when scrubbing: ${JSON.stringify(worst)}`);
});
