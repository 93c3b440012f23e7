// Invariant 7, in the page: whatever is wrong, the page says so in words, keeps what it can, and reads on.

import { test } from "node:test";
import assert from "node:assert/strict";

import { LESSON, assertCalm, eventually, native, stage } from "./browser.mjs";
import { LABS, Lab, Quiz, ready } from "./lesson-page.mjs";

const on = stage();
const NOTICE = /this link|the link/i;

/** A link to a state of the first lab. */
async function link() {
  const page = await on.open(LESSON);
  await ready(page);
  const lab = new Lab(page, LABS[0]);
  await lab.scrub(0.5);
  await lab.rest((position) => position > 2_500, "the timeline was dragged");
  const url = await eventually(() => page.url(), (url) => url.includes("#at="), "the address follows");
  const shown = await lab.shown();
  await page.context().close();
  return { url, shown };
}

/** The page opens as if the fragment were not there, and says why. */
async function opensWithNotice(url, pattern) {
  const page = await on.open(null);
  await page.goto(url);
  await ready(page);
  const lab = new Lab(page, LABS[0]);
  const words = await eventually(() => lab.notice.innerText(), (text) => text.length > 0, `${url} is not passed over in silence`);
  assert.match(words, pattern);
  const before = await lab.position();
  await lab.step.click();
  await lab.at((position) => position === before + 1, "the lab works");
  assertCalm(page);
  await page.context().close();
}

test("the address leads back to the same event", async () => {
  const { url, shown } = await link();
  const page = await on.open(null);
  await page.goto(url);
  await ready(page);
  const lab = new Lab(page, LABS[0]);
  await lab.at((position) => position === shown.position, "the address leads to the event");
  assert.equal((await lab.notice.innerText()).trim(), "");
  assertCalm(page);
});

test("a mangled fragment", async () => {
  const { url } = await link();
  const [page, text] = url.split("#at=");
  const turned = (at) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
  for (const mangled of [text.slice(0, -4), turned(10), "", "%E2%82", "<script>"]) {
    await opensWithNotice(`${page}#at=${mangled}`, NOTICE);
  }
});

test("a state of another version", async () => {
  await opensWithNotice(`${new URL(LESSON, on.site.url).href}#at=${native("other_version").trim()}`, /version 9/);
});

test("fragments that are none of ours", async () => {
  for (const fragment of ["#quiz", "#lab-even-out", "#no-such-place", "#%", "#at"]) {
    const page = await on.open(LESSON + fragment);
    await ready(page);
    assert.equal((await new Lab(page, LABS[0]).notice.innerText()).trim(), "");
    assertCalm(page);
    await page.context().close();
  }
});

/** Opens the lesson with something done to the storage before any script of the page runs. */
async function withStorage(prepare, argument) {
  const page = await on.open(null);
  await page.addInitScript(prepare, argument);
  await page.goto(new URL(LESSON, on.site.url).href);
  await ready(page);
  return page;
}

async function works(page) {
  const lab = new Lab(page, LABS[1]);
  const before = await lab.position();
  await lab.step.click();
  await lab.at((position) => position === before + 1, "the lab works");
  const question = (await Quiz.reach(page)).single();
  await question.options.first().check();
  await question.check.click();
  await question.verdict.waitFor();
}

test("stored progress that is damaged, or of a later version", async () => {
  const keys = await (async () => {
    const page = await on.open(LESSON);
    await ready(page);
    await works(page);
    const keys = await page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("hopscope")));
    await page.context().close();
    return keys;
  })();
  assert.ok(keys.length > 0, "progress is kept somewhere");
  for (const text of ["", "{}", "1.AAAA", "9999.whatever", "\u0000\uffff"]) {
    const page = await withStorage(({ keys, text }) => keys.forEach((key) => localStorage.setItem(key, text)), { keys, text });
    await works(page);
    assertCalm(page);
    await page.context().close();
  }
});

test("a storage that is full", async () => {
  const page = await withStorage(() => {
    Storage.prototype.setItem = () => { throw new DOMException("The quota has been exceeded.", "QuotaExceededError"); };
  });
  await works(page);
  await eventually(() => page.locator("main").innerText(), (text) => /storage|kept|saved|full/i.test(text), "the page says that nothing is kept");
  assertCalm(page);
});

test("a storage that is closed", async () => {
  const page = await withStorage(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("Access is denied.", "SecurityError"); } });
  });
  await works(page);
  assertCalm(page);
});

test("wasm that does not load leaves the theory and a notice in each lab's place", async () => {
  for (const block of ["**/*.wasm", "**/hopscope-web*.js", "**/boot*.js"]) {
    const page = await on.open(null);
    await page.route(block, (route) => route.abort());
    await page.goto(new URL(LESSON, on.site.url).href);
    await page.getByRole("heading", { level: 1, name: "Layer 4 vs Layer 7" }).waitFor();
    assert.ok((await page.locator("main").innerText()).length > 5_000, "the theory reads");
    for (const id of LABS) {
      const place = page.locator(`[data-lab="${id}"]`);
      await eventually(() => place.innerText(), (text) => /could not|cannot|did not|without/i.test(text), `a notice stands in the place of ${id}`);
    }
    await page.context().close();
  }
});

test("without scripts the theory reads and a notice says what is missing", async () => {
  const page = await on.open(LESSON, { javaScriptEnabled: false });
  assert.ok((await page.locator("main").innerText()).length > 5_000);
  const place = page.locator(`[data-lab="${LABS[0]}"]`);
  await eventually(() => place.innerText(), (text) => /script|could not|cannot|browser/i.test(text), "a notice stands in the lab's place");
});

test("a lesson's data that is missing, cut short, or something else", async () => {
  const answers = [{ status: 404, body: "" }, { body: Buffer.from([1, 2, 3]) }, { body: "<!DOCTYPE html>" }, { body: "" }];
  for (const answer of answers) {
    const page = await on.open(null);
    await page.route("**/lesson.bin", (route) => route.fulfill(answer));
    await page.goto(new URL(LESSON, on.site.url).href);
    const place = page.locator(`[data-lab="${LABS[0]}"]`);
    await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
    await place.scrollIntoViewIfNeeded();
    await eventually(() => place.innerText(), (text) => /reload/i.test(text), "it says what to do");
    assertCalm(page, [/404/, /lesson\.bin/]);
    await page.context().close();
  }
});
