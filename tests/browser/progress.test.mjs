// The progress page: a file to keep, deleting, storage that fails, and reading it without the script.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, assertCalm, eventually, stage } from "./browser.mjs";
import { FRIDAY, KEY, PROGRESS, answer, answerQuiz, at, due, go, later, leftByVersion1, over, reviews, said } from "./progress-page.mjs";

const on = stage();

test("a first visit finds the progress page explained, with nothing to do", async () => {
  const page = await at(on, FRIDAY, PROGRESS);
  await said(reviews(page), /Nothing comes back yet/);
  await said(page.getByRole("region", { name: "How sure, and how right" }), /Nothing to compare yet/);
  assert.equal(await page.locator("[data-due-badge]").isVisible(), false);
  assertCalm(page);
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
  const one = await at(on, FRIDAY, "");
  const { all } = await answerQuiz(on, one);
  await go(on, one, PROGRESS);
  const file = await exported(one);

  const two = await at(on, FRIDAY, `${LESSON}#recall`);
  const card = two.locator("details[data-recall-card]").first();
  await card.scrollIntoViewIfNeeded();
  await card.locator("summary").click();
  await card.getByRole("button", { name: /Got it/ }).click();
  await card.getByText("This question is back").waitFor();
  await go(on, two, PROGRESS);
  await choose(two, file);
  await said(kept(two), new RegExp(`^Added from the file: 1 lesson, ${all} answers, ${all} reviews\\. Nothing that was here has been lost\\.$`));
  await said(reviews(two), /Next: \d+ cards tomorrow/);
  await choose(two, file);
  await said(kept(two), /^Everything in this file was here already\.$/);
  for (const [text, pattern] of [["", /not Hopscope/], ["9.later", /newer version/], [file.toString().slice(0, -9), /damaged/], ["\u0000\uffff", /not Hopscope/]]) {
    await choose(two, Buffer.from(text));
    await said(kept(two), pattern);
  }
  await later(on, two, "2026-11-23T09:00:00", PROGRESS);
  assert.equal(await due(two), all + 1, "what was there and what came are both there");
  assertCalm(one);
  assertCalm(two);
});

test("deleting asks first, offers a file, and holds in every tab", async () => {
  const page = await at(on, FRIDAY, "");
  const { all } = await answerQuiz(on, page);
  await go(on, page, PROGRESS);
  const other = await page.context().newPage();
  await other.clock.setFixedTime(new Date(FRIDAY));
  await go(on, other, PROGRESS);
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

test("what an earlier version of the site kept is all there", async () => {
  const text = await leftByVersion1();
  const page = await over(on, (text) => localStorage.setItem("hopscope.progress", text), text);
  await said(reviews(page), /^Today’s reviews 12 cards are due\. 5 recall questions come along\. Review 17 cards/);
  assert.equal(await page.locator(".examiner[data-state=right]").count(), 3);
  assert.equal(await page.locator(".examiner[data-state=wrong]").count(), 9);
  assert.match(await page.locator(".calibration-table tr", { hasText: "Certain" }).innerText(), /of 1/);
  assertCalm(page);
});

test("a store that was cut short loses nothing", async () => {
  const page = await at(on, FRIDAY, "");
  await answerQuiz(on, page);
  await page.evaluate((key) => localStorage.setItem(key, localStorage.getItem(key).slice(0, 100)), KEY);
  await go(on, page, PROGRESS);
  await said(page.locator("[data-trouble]"), /restored from the copy/);
  assert.equal(await page.locator("[data-lesson-card=l4-vs-l7] .examiner[data-state=open]").count(), 0);
  assertCalm(page);
});

test("a storage that is full is said, and nothing is lost while the page is open", async () => {
  const text = await leftByVersion1();
  const page = await over(on, (text) => {
    localStorage.setItem("hopscope.progress", text);
    Storage.prototype.setItem = () => { throw new DOMException("The quota has been exceeded.", "QuotaExceededError"); };
  }, text);
  await page.getByRole("button", { name: "Review 17 cards" }).click();
  const form = page.locator("[data-card] form");
  await answer(form, 0);
  await page.getByRole("button", { name: "Next card" }).waitFor();
  await page.getByRole("button", { name: "Stop for now" }).click();
  await said(reviews(page), /11 cards are due/);
  await said(page.locator("[data-trouble]"), /storage for this site is full/);
  const file = (await exported(page)).toString();
  assert.match(file, /^2\./);
  assertCalm(page);
});

test("a link leads to a question of a lesson", async () => {
  const page = await at(on, FRIDAY, PROGRESS);
  await page.locator("[data-lesson-card=l4-vs-l7]").getByRole("link", { name: /^Question 9/ }).click();
  const card = page.locator(".quiz-card").nth(8);
  await eventually(() => card.evaluate((card) => card.contains(document.activeElement)), Boolean, "the question has the focus");
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

async function assertAccessible(page, where, part = "html") {
  const { violations } = await new AxeBuilder({ page }).include(part).analyze();
  const told = violations.map((found) => `${found.id}: ${found.help}\n` + found.nodes.slice(0, 5).map((node) => `    ${node.target.join(" ")}\n      ${node.html.slice(0, 160)}`).join("\n"));
  assert.equal(told.length, 0, `${where}\n${told.join("\n")}`);
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px wider than the window`);
}

/** A page over what the first version of the site left there. */
async function begun(settings) {
  const text = await leftByVersion1();
  const page = await on.open(null, settings);
  await page.addInitScript((text) => { if (!localStorage.getItem("hopscope.progress")) localStorage.setItem("hopscope.progress", text); }, text);
  await page.clock.setFixedTime(new Date(FRIDAY));
  return page;
}

for (const [colorScheme, width] of [["light", 320], ["dark", 768], ["light", 1440]]) {
  test(`axe finds nothing on the progress page: ${colorScheme}, ${width} px`, async () => {
    const page = await begun({ colorScheme, viewport: { width, height: 900 } });
    await go(on, page, PROGRESS);
    await page.getByRole("button", { name: "Review 17 cards" }).waitFor();
    await assertAccessible(page, "progress");
    await page.getByRole("button", { name: "Review 17 cards" }).click();
    const form = page.locator("[data-card] form");
    await form.waitFor();
    await assertAccessible(page, "a card");
    await answer(form, 0);
    await page.getByRole("button", { name: "Next card" }).waitFor();
    await assertAccessible(page, "its verdict");
    assertCalm(page);
  });
}

for (const [colorScheme, width] of [["dark", 320], ["light", 768]]) {
  test(`axe finds nothing around it: ${colorScheme}, ${width} px`, async () => {
    const page = await begun({ colorScheme, viewport: { width, height: 900 } });
    await go(on, page, PROGRESS);
    await page.getByRole("button", { name: "Delete everything" }).first().click();
    await assertAccessible(page, "the question before deleting");
    await go(on, page, "cheatsheets/");
    await assertAccessible(page, "cheatsheets");
    await go(on, page, "glossary/");
    await assertAccessible(page, "glossary");
    await go(on, page, `${LESSON}#recall`);
    const card = page.locator("details[data-recall-card]").first();
    await card.scrollIntoViewIfNeeded();
    await card.locator("summary").click();
    await card.getByRole("button", { name: /Got it/ }).click();
    await card.getByText("This question is back").waitFor();
    await page.locator("details[data-recall-card] summary").nth(1).click();
    await assertAccessible(page, "recall", "#recall");
    assertCalm(page);
  });
}
