// What a learner comes back to: reviews that come due, recall, the progress page, a file to keep.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, ROOT, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();
const PROGRESS = "progress/";
const KEY = "hopscope.progress";
const FRIDAY = "2026-11-20T10:00:00";

/** A page in a profile of its own, whose clock stands still at a moment. */
async function at(moment, path, settings = {}) {
  const page = await on.open(null, settings);
  await page.clock.setFixedTime(new Date(moment));
  await go(page, path);
  return page;
}

async function go(page, path) {
  await page.goto(new URL(path, on.site.url).href);
  await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
}

async function later(page, moment, path) {
  await page.clock.setFixedTime(new Date(moment));
  await go(page, path);
}

const reviews = (page) => page.getByRole("region", { name: "Today’s reviews" });
const said = async (place, pattern) => eventually(async () => (await place.innerText()).replaceAll(/\s+/g, " "), (text) => pattern.test(text), `it says ${pattern}`);

/** Writes an answer into a card; which of its options is picked is up to the caller. */
async function fill(form, option) {
  await form.waitFor();
  if (await form.locator(".option input").count()) await form.locator(".option input").nth(option).check({ force: true });
  else if (await form.locator("[data-number]").count()) await form.locator("[data-number]").fill("50");
  else if (await form.locator("[data-blank]").count()) for (const blank of await form.locator("[data-blank]").all()) await blank.fill("3");
  else for (const pair of await form.locator("[data-pair]").all()) await pair.selectOption({ index: 1 });
}

/** Answers a lesson's whole quiz and gives back how many answers were right. */
async function answerQuiz(page) {
  await go(page, `${LESSON}#quiz`);
  await page.locator(".quiz-card").first().waitFor();
  const cards = await page.locator(".quiz-card").all();
  for (const [place, card] of cards.entries()) {
    await fill(card, place % 2);
    await card.locator("button[type=submit]").click();
    await card.locator(".quiz-verdict").waitFor();
  }
  return { all: cards.length, right: await page.locator(".quiz-card[data-state=right]").count() };
}

const due = async (page) => Number(/\d+/.exec(await page.locator("[data-due-badge]").textContent() ?? "")?.[0] ?? 0);

test("a first visit finds the progress page explained, with nothing to do", async () => {
  const page = await at(FRIDAY, PROGRESS);
  await said(reviews(page), /Nothing comes back yet/);
  await said(page.getByRole("region", { name: "How sure, and how right" }), /Nothing to compare yet/);
  assert.equal(await page.locator("[data-due-badge]").isVisible(), false);
  assertCalm(page);
});

test("questions come due when time goes by, are asked with feedback for every option, and go away again", async () => {
  const page = await at(FRIDAY, "");
  const { all, right } = await answerQuiz(page);
  assert.ok(right > 0 && right < all, `${right} of ${all}`);
  await go(page, PROGRESS);
  await said(reviews(page), /Nothing is due today\. Next: \d+ cards tomorrow\./);

  await later(page, "2026-11-21T08:00:00", "");
  assert.equal(await due(page), all - right, "what was missed is back after a day");
  await page.getByRole("link", { name: `${all - right} cards are due for review` }).click();
  await page.waitForURL(/progress\/#review/);
  await said(reviews(page), new RegExp(`^Today’s reviews ${all - right} cards are due\\. 5 recall questions come along`));

  await later(page, "2026-11-22T08:00:00", PROGRESS);
  assert.equal(await due(page), all, "what was right is back after two days");
  await page.getByRole("button", { name: `Review ${all + 5} cards` }).click();
  let [asked, recalled, missed] = [0, 0, 0];
  for (;;) {
    const turn = page.locator("[data-card] form, .recall-turn").first();
    await turn.waitFor();
    const again = await page.getByText("Once more").isVisible();
    if (await turn.getByRole("button", { name: "Show answer" }).isVisible()) {
      await turn.getByRole("button", { name: "Show answer" }).click();
      assert.ok((await turn.locator(".recall-answer").innerText()).length > 100);
      await turn.getByRole("button", { name: /Got it/ }).click();
      recalled += 1;
    } else {
      await turn.getByRole("radio", { name: "Certain" }).check({ force: true });
      await fill(turn, asked % 2);
      await turn.getByRole("button", { name: /Check|Lock it in/ }).click();
      await turn.locator(".quiz-verdict").waitFor();
      const options = await turn.locator(".judged .option").count();
      assert.ok(options > 0);
      assert.equal(await turn.locator(".judged .option .why").count() >= options, true, "every option has its reason");
      if (await turn.getAttribute("data-state") === "wrong" && !again) missed += 1;
      asked += 1;
    }
    await said(page.locator("[data-foot]"), /Back (tomorrow|on|in)|It comes once more at the end, and then tomorrow/);
    const on = page.getByRole("button", { name: /Next card|Finish/ });
    assert.ok(await on.evaluate((button) => button === document.activeElement), "the keyboard goes on");
    const last = (await on.innerText()) === "Finish";
    await on.click();
    if (last) break;
  }
  assert.equal(recalled, 5);
  assert.equal(asked, all + missed, "what was missed came once more");
  await said(reviews(page), new RegExp(`${all + 5 - missed} of ${all + 5} known\\.`));
  await said(reviews(page), /Done for today\. Next: \d+ cards? tomorrow\./);
  assert.equal(await page.locator("[data-due-badge]").isVisible(), false);

  await later(page, "2026-11-23T08:00:00", PROGRESS);
  assert.equal(await due(page), missed);
  assertCalm(page);
});

test("a sitting can be stopped, and what was answered stays answered", async () => {
  const page = await at(FRIDAY, "");
  await answerQuiz(page);
  await later(page, "2026-11-24T08:00:00", PROGRESS);
  const before = await due(page);
  await page.getByRole("button", { name: /^Review / }).click();
  const form = page.locator("[data-card] form");
  await fill(form, 0);
  await form.getByRole("button", { name: /Check|Lock it in/ }).click();
  await page.getByRole("button", { name: "Next card" }).waitFor();
  await page.getByRole("button", { name: "Stop for now" }).click();
  await said(reviews(page), new RegExp(`[01] of 1 known.* ${before - 1} cards are due`));
  assert.equal(await page.evaluate(() => document.activeElement.id), "review-title");
  assertCalm(page);
});

test("a question that is made by the core comes back with other numbers", async () => {
  const page = await at(FRIDAY, "");
  await answerQuiz(page);
  const cards = page.locator(".quiz-card:has(.quiz-given:not(:empty))");
  const seen = await cards.evaluateAll((cards) => cards.map((card) => [card.id.replace("question-", ""), card.querySelector(".quiz-given").textContent]));
  assert.ok(seen.length > 0, "the lesson has generated questions with something given");
  await later(page, "2026-11-24T08:00:00", PROGRESS);
  await page.getByRole("button", { name: /^Review / }).click();
  const again = new Map();
  for (;;) {
    const turn = page.locator("[data-card] form, .recall-turn").first();
    await turn.waitFor();
    if (await page.getByText("Once more").isVisible()) break;
    if (await turn.getByRole("button", { name: "Show answer" }).isVisible()) {
      await turn.getByRole("button", { name: "Show answer" }).click();
      await turn.getByRole("button", { name: /Easily/ }).click();
    } else {
      const id = (await turn.getAttribute("id")).replace("question-", "");
      if (await turn.locator(".quiz-given").count()) again.set(id, await turn.locator(".quiz-given").textContent());
      await fill(turn, 0);
      await turn.getByRole("button", { name: /Check|Lock it in/ }).click();
      await turn.locator(".quiz-verdict").waitFor();
    }
    const on = page.getByRole("button", { name: /Next card|Finish/ });
    if ((await on.innerText()) === "Finish") break;
    await on.click();
  }
  for (const [id, given] of seen) assert.ok(again.has(id) && again.get(id) !== given, `${id}: ${given}`);
  assertCalm(page);
});

test("a recall card at the end of a lesson says when it is back, and comes back", async () => {
  const page = await at(FRIDAY, `${LESSON}#recall`);
  const card = page.locator("details[data-recall-card]").first();
  await card.scrollIntoViewIfNeeded();
  await card.locator("summary").click();
  await card.getByRole("button", { name: /Easily.*8 days/ }).waitFor();
  await card.getByRole("button", { name: /Got it.*2 days/ }).click();
  await card.getByText("This question is back on Sunday, among your reviews.").waitFor();
  const question = await card.locator(".ask").innerText();
  await page.reload();
  await card.scrollIntoViewIfNeeded();
  await card.locator("summary").click();
  await card.getByText("This question is back on Sunday").waitFor();

  await later(page, "2026-11-22T09:00:00", PROGRESS);
  assert.equal(await due(page), 1);
  await page.getByRole("button", { name: "Review the card" }).click();
  await page.getByRole("heading", { name: question }).waitFor();
  await page.getByRole("button", { name: "Show answer" }).click();
  await page.getByRole("button", { name: /Missed it/ }).click();
  await said(page.locator("[data-foot]"), /once more at the end/);
  assertCalm(page);
});

test("a prediction counts with how sure it was, once for each run", async () => {
  const page = await at(FRIDAY, LESSON);
  await ready(page);
  const lab = new Lab(page, "side-by-side");
  const commit = async (sure) => {
    await lab.prediction.getByRole("radio").first().check({ force: true });
    await lab.prediction.getByRole("radio", { name: sure }).check({ force: true });
    await lab.prediction.getByRole("button", { name: "Lock it in and run" }).click();
  };
  const counted = async (name) => {
    await go(page, PROGRESS);
    return page.locator(".calibration-table tr", { hasText: name }).locator("td").nth(1).innerText();
  };
  const back = async () => {
    await go(page, LESSON);
    await ready(page);
    await lab.startOver.click();
  };
  await commit("Certain");
  // Leaving before the answer is told changes nothing.
  assert.match(await counted("Certain"), /[01] of 1$/);
  await back();
  await lab.prediction.getByText(/scored · Certain/).waitFor();

  // Other arrivals are another run: it is asked anew there, and counts.
  await page.evaluate(() => { crypto.getRandomValues = (array) => array.fill(7); });
  await lab.root.locator("[data-do=seed]").click();
  await commit("Guessing");
  assert.match(await counted("Guessing"), /[01] of 1$/);
  assert.match(await counted("Certain"), /[01] of 1$/);
  await back();
  await lab.prediction.getByText(/scored · Certain/).waitFor();
  assertCalm(page, [/favicon/]);
});

/** The file that the progress page gives. */
async function exported(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export to a file" }).click()]);
  assert.match(download.suggestedFilename(), /^hopscope-progress-2026-11-2\d\.txt$/);
  return readFile(await download.path());
}

const choose = (page, buffer, name = "progress.txt") => page.getByLabel("Import a file").setInputFiles({ name, mimeType: "text/plain", buffer });
const kept = (page) => page.locator(".keep > [data-kept]");

test("a file takes progress to another browser, where it is added to what is there", async () => {
  const one = await at(FRIDAY, "");
  const { all } = await answerQuiz(one);
  await go(one, PROGRESS);
  const file = await exported(one);

  const two = await at(FRIDAY, `${LESSON}#recall`);
  const card = two.locator("details[data-recall-card]").first();
  await card.scrollIntoViewIfNeeded();
  await card.locator("summary").click();
  await card.getByRole("button", { name: /Got it/ }).click();
  await card.getByText("This question is back").waitFor();
  await go(two, PROGRESS);
  await choose(two, file);
  await said(kept(two), new RegExp(`^Added from the file: 1 lesson, ${all} answers, ${all} reviews\\. Nothing that was here has been lost\\.$`));
  await said(reviews(two), /Next: \d+ cards tomorrow/);
  await choose(two, file);
  await said(kept(two), /^Everything in this file was here already\.$/);
  for (const [text, pattern] of [["", /not Hopscope/], ["9.later", /newer version/], [file.toString().slice(0, -9), /damaged/], ["\u0000\uffff", /not Hopscope/]]) {
    await choose(two, Buffer.from(text));
    await said(kept(two), pattern);
  }
  await later(two, "2026-11-23T09:00:00", PROGRESS);
  assert.equal(await due(two), all + 1, "what was there and what came are both there");
  assertCalm(one);
  assertCalm(two);
});

test("deleting asks first, offers a file, and holds in every tab", async () => {
  const page = await at(FRIDAY, "");
  const { all } = await answerQuiz(page);
  await go(page, PROGRESS);
  const other = await page.context().newPage();
  await other.clock.setFixedTime(new Date(FRIDAY));
  await go(other, PROGRESS);
  const open = page.getByRole("button", { name: "Delete everything" }).first();
  const dialog = page.getByRole("dialog", { name: "Delete all of your progress?" });
  await open.click();
  await said(dialog, new RegExp(`That is 1 lesson, ${all} answers, ${all} reviews, in this browser`));
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Keep it");
  await page.keyboard.press("Escape");
  assert.equal(await dialog.isVisible(), false);
  await open.click();
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("button", { name: "Export first" }).click()]);
  const file = await readFile(await download.path());
  await dialog.getByRole("button", { name: "Delete everything" }).click();
  await said(kept(page), /Everything is deleted/);
  await said(reviews(page), /Nothing comes back yet/);
  await said(reviews(other), /Nothing comes back yet/);
  await page.reload();
  await said(reviews(page), /Nothing comes back yet/);
  await choose(page, file);
  await said(kept(page), new RegExp(`Added from the file: 1 lesson, ${all} answers, ${all} reviews`));
  await said(reviews(other), /Next: \d+ cards tomorrow/);
  assertCalm(page);
});

/** Opens the progress page over what is put into the storage before any script of the page runs. */
async function over(prepare, argument, moment = FRIDAY) {
  const page = await on.open(null);
  await page.clock.setFixedTime(new Date(moment));
  await page.addInitScript(prepare, argument);
  await go(page, PROGRESS);
  return page;
}

test("what an earlier version of the site kept is all there", async () => {
  const text = await readFile(resolve(ROOT, "web/src/progress/samples/version-1.txt"), "utf8");
  const page = await over((text) => localStorage.setItem("hopscope.progress", text), text);
  await said(reviews(page), /^Today’s reviews 12 cards are due\. 5 recall questions come along\. Review 17 cards/);
  assert.equal(await page.locator(".examiner[data-state=right]").count(), 3);
  assert.equal(await page.locator(".examiner[data-state=wrong]").count(), 9);
  assert.match(await page.locator(".calibration-table tr", { hasText: "Certain" }).innerText(), /of 1/);
  assertCalm(page);
});

test("a store that was cut short loses nothing", async () => {
  const page = await at(FRIDAY, "");
  await answerQuiz(page);
  await page.evaluate((key) => localStorage.setItem(key, localStorage.getItem(key).slice(0, 100)), KEY);
  await go(page, PROGRESS);
  await said(page.locator("[data-trouble]"), /restored from the copy/);
  assert.equal(await page.locator(".examiner[data-state=open]").count(), 0);
  assertCalm(page);
});

test("a storage that is full is said, and nothing is lost while the page is open", async () => {
  const text = await readFile(resolve(ROOT, "web/src/progress/samples/version-1.txt"), "utf8");
  const page = await over((text) => {
    localStorage.setItem("hopscope.progress", text);
    Storage.prototype.setItem = () => { throw new DOMException("The quota has been exceeded.", "QuotaExceededError"); };
  }, text);
  await page.getByRole("button", { name: "Review 17 cards" }).click();
  const form = page.locator("[data-card] form");
  await fill(form, 0);
  await form.getByRole("button", { name: /Check|Lock it in/ }).click();
  await page.getByRole("button", { name: "Next card" }).waitFor();
  await page.getByRole("button", { name: "Stop for now" }).click();
  await said(reviews(page), /11 cards are due/);
  await said(page.locator("[data-trouble]"), /storage for this site is full/);
  const file = (await exported(page)).toString();
  assert.match(file, /^2\./);
  assertCalm(page);
});

test("lesson data that cannot be fetched leaves its cards due and says so", async () => {
  const text = await readFile(resolve(ROOT, "web/src/progress/samples/version-1.txt"), "utf8");
  const page = await over((text) => localStorage.setItem("hopscope.progress", text), text);
  await page.route("**/lesson.bin", (route) => route.abort());
  await page.getByRole("button", { name: "Review 17 cards" }).click();
  await said(reviews(page), /could not be fetched.*12 cards are due/);
  assertCalm(page, [/lesson\.bin/, /Failed to load resource/]);
});

test("a term opens under the pointer, stays while the pointer is on its definition, and closes with Escape", async () => {
  const page = await on.open(LESSON);
  await ready(page);
  const term = page.locator(".term").nth(2);
  const definition = page.locator(`#${await term.getAttribute("popovertarget")}`);
  await term.scrollIntoViewIfNeeded();
  await term.hover();
  await definition.waitFor();
  await definition.getByRole("link", { name: "In the glossary" }).hover();
  await page.waitForTimeout(600);
  assert.ok(await definition.isVisible(), "it stays under the pointer");
  await page.mouse.move(5, 300);
  await definition.waitFor({ state: "hidden" });
  await term.hover();
  await definition.waitFor();
  await page.keyboard.press("Escape");
  await definition.waitFor({ state: "hidden" });
  // A click pins what the pointer has opened; another one closes it.
  await page.mouse.move(5, 300);
  await term.hover();
  await definition.waitFor();
  await term.click();
  await page.mouse.move(5, 300);
  await page.waitForTimeout(600);
  assert.ok(await definition.isVisible(), "it was pinned");
  await term.click();
  await definition.waitFor({ state: "hidden" });
  assertCalm(page);
});

test("a term opens with the keyboard's focus, and focus moves into its definition", async () => {
  const page = await on.open(LESSON);
  await ready(page);
  const term = page.locator(".term").nth(1);
  const definition = page.locator(`#${await term.getAttribute("popovertarget")}`);
  await page.locator(".term").nth(0).focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  await term.focus();
  await definition.waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "In the glossary");
  assert.ok(await definition.isVisible());
  await page.keyboard.press("Tab");
  await definition.waitFor({ state: "hidden" });
  assertCalm(page);
});

test("a term opens with a tap and closes with the next, without any script too", async () => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await on.open(null, { viewport: { width: 390, height: 844 }, hasTouch: true, javaScriptEnabled });
    await page.goto(new URL(LESSON, on.site.url).href);
    if (javaScriptEnabled) await ready(page);
    const term = page.locator(".term").first();
    const definition = page.locator(`#${await term.getAttribute("popovertarget")}`);
    await term.scrollIntoViewIfNeeded();
    await term.tap();
    await definition.waitFor();
    await term.tap();
    await definition.waitFor({ state: "hidden" });
    await page.context().close();
  }
});

test("the glossary leads back to where a term is explained", async () => {
  const page = await on.open("glossary/");
  await page.locator("#direct-server-return").getByRole("link", { name: "Layer 4 vs Layer 7: Is layer 4 one thing?" }).click();
  await page.waitForURL(/l4-vs-l7\/#is-layer-4-one-thing/);
  await page.getByRole("heading", { name: "Is layer 4 one thing?" }).waitFor();
});

test("a link leads to a question of a lesson", async () => {
  const page = await at(FRIDAY, PROGRESS);
  await page.getByRole("link", { name: /^Question 9/ }).click();
  const card = page.locator(".quiz-card").nth(8);
  await eventually(() => card.evaluate((card) => card.contains(document.activeElement)), Boolean, "the question has the focus");
});

test("the book prints a page for each lesson", async () => {
  const page = await on.open("cheatsheets/");
  const sheets = await page.locator(".book-sheet").count();
  for (const format of ["A4", "Letter"]) {
    const pdf = (await page.pdf({ format })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, sheets, format);
  }
});

test("the progress page reads without scripts and without wasm", async () => {
  const bare = await on.open(PROGRESS, { javaScriptEnabled: false });
  await said(bare.locator("main"), /JavaScript is off, so your progress cannot be shown.*shortly before you would forget it.*Read an X-Forwarded-For chain/);
  assert.equal(await bare.getByRole("button", { name: "Export to a file" }).isVisible(), false, "nothing would answer it");
  const broken = await on.open(null);
  await broken.route("**/*.wasm", (route) => route.abort());
  await broken.goto(new URL(PROGRESS, on.site.url).href);
  await said(broken.locator("main"), /it cannot be shown\. A script reads it/);
  const partly = await on.open(null);
  await partly.route("**/progress-*.wasm", (route) => route.abort());
  await partly.goto(new URL(PROGRESS, on.site.url).href);
  await said(partly.locator("[data-trouble]"), /could not be fetched/);
});

async function assertAccessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((found) => `${found.id}: ${found.help}\n` + found.nodes.slice(0, 5).map((node) => `    ${node.target.join(" ")}\n      ${node.html.slice(0, 160)}`).join("\n"));
  assert.equal(told.length, 0, `${where}\n${told.join("\n")}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px wider than the window`);
}

/** A page over what the first version of the site left there. */
async function begun(settings) {
  const text = await readFile(resolve(ROOT, "web/src/progress/samples/version-1.txt"), "utf8");
  const page = await on.open(null, settings);
  await page.addInitScript((text) => { if (!localStorage.getItem("hopscope.progress")) localStorage.setItem("hopscope.progress", text); }, text);
  await page.clock.setFixedTime(new Date(FRIDAY));
  return page;
}

for (const [colorScheme, width] of [["light", 320], ["dark", 768], ["light", 1440]]) {
  test(`axe finds nothing on the progress page: ${colorScheme}, ${width} px`, async () => {
    const page = await begun({ colorScheme, viewport: { width, height: 900 } });
    await go(page, PROGRESS);
    await page.getByRole("button", { name: "Review 17 cards" }).waitFor();
    await assertAccessible(page, "progress");
    await page.getByRole("button", { name: "Review 17 cards" }).click();
    const form = page.locator("[data-card] form");
    await form.waitFor();
    await assertAccessible(page, "a card");
    await fill(form, 0);
    await form.getByRole("button", { name: /Check|Lock it in/ }).click();
    await page.getByRole("button", { name: "Next card" }).waitFor();
    await assertAccessible(page, "its verdict");
    assertCalm(page);
  });
}

for (const [colorScheme, width] of [["dark", 320], ["light", 768]]) {
  test(`axe finds nothing around it: ${colorScheme}, ${width} px`, async () => {
    const page = await begun({ colorScheme, viewport: { width, height: 900 } });
    await go(page, PROGRESS);
    await page.getByRole("button", { name: "Delete everything" }).first().click();
    await assertAccessible(page, "the question before deleting");
    await go(page, "cheatsheets/");
    await assertAccessible(page, "cheatsheets");
    await go(page, "glossary/");
    await assertAccessible(page, "glossary");
    await go(page, `${LESSON}#recall`);
    const card = page.locator("details[data-recall-card]").first();
    await card.scrollIntoViewIfNeeded();
    await card.locator("summary").click();
    await card.getByRole("button", { name: /Got it/ }).click();
    await card.getByText("This question is back").waitFor();
    await page.locator("details[data-recall-card] summary").nth(1).click();
    await assertAccessible(page, "recall");
    assertCalm(page);
  });
}
