// The progress page as a reader finds their way in it, and clocks that stand where a test wants them.

import { readFile } from "node:fs/promises";
import { resolve } from "node:path";

import { LESSON, ROOT, eventually } from "./browser.mjs";

/** The progress page. */
export const PROGRESS = "progress/";
/** Where progress is stored. */
export const KEY = "hopscope.progress";
/** The day on which the tests begin. */
export const FRIDAY = "2026-11-20T10:00:00";

/** What the first version of the site left in a browser: one prediction and twelve answers, three of them right. */
export const leftByVersion1 = () => readFile(resolve(ROOT, "web/src/progress/samples/version-1.txt"), "utf8");

/** Opens a page of the site and waits until everything in it has come. */
export async function go(on, page, path) {
  await page.goto(new URL(path, on.site.url).href);
  await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
}

/** A page in a profile of its own, whose clock stands still at a moment. */
export async function at(on, moment, path, settings = {}) {
  const page = await on.open(null, settings);
  await page.clock.setFixedTime(new Date(moment));
  await go(on, page, path);
  return page;
}

/** The same page at a later moment. */
export async function later(on, page, moment, path) {
  await page.clock.setFixedTime(new Date(moment));
  await go(on, page, path);
}

/** The progress page over what is put into the storage before any script of the page runs. */
export async function over(on, prepare, argument) {
  const page = await on.open(null);
  await page.clock.setFixedTime(new Date(FRIDAY));
  await page.addInitScript(prepare, argument);
  await go(on, page, PROGRESS);
  return page;
}

/** The part of the progress page that holds the reviews. */
export const reviews = (page) => page.getByRole("region", { name: "Today’s reviews" });

/** Waits until a place says something. */
export const said = async (place, pattern) =>
  eventually(async () => (await place.innerText()).replaceAll(/\s+/g, " "), (text) => pattern.test(text), `it says ${pattern}`);

/** How many cards the top bar says are due. */
export const due = async (page) => Number(/\d+/.exec(await page.locator("[data-due-badge]").textContent() ?? "")?.[0] ?? 0);

/** Writes an answer into a question; `option` says which is picked where there is something to pick. */
export async function fill(form, option) {
  await form.waitFor();
  if (await form.locator(".option input").count()) await form.locator(".option input").nth(option).check({ force: true });
  else if (await form.locator("[data-number]").count()) await form.locator("[data-number]").fill("50");
  else if (await form.locator("[data-blank]").count()) for (const blank of await form.locator("[data-blank]").all()) await blank.fill("3");
  else for (const pair of await form.locator("[data-pair]").all()) await pair.selectOption({ index: 1 });
}

/** Answers a question. */
export async function answer(form, option) {
  await fill(form, option);
  await form.getByRole("button", { name: /Check|Lock it in/ }).click();
  await form.locator(".quiz-verdict").waitFor();
}

/** Answers the lesson's whole quiz and gives back how many questions it has, and how many answers were right. */
export async function answerQuiz(on, page) {
  await go(on, page, `${LESSON}#quiz`);
  await page.locator(".quiz-card").first().waitFor();
  const cards = await page.locator(".quiz-card").all();
  for (const [place, card] of cards.entries()) await answer(card, place % 2);
  return { all: cards.length, right: await page.locator(".quiz-card[data-state=right]").count() };
}
