// What a learner comes back to: reviews that come due, recall, predictions that are counted.

import { test } from "node:test";
import assert from "node:assert/strict";

import { LESSON, assertCalm, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";
import { FRIDAY, PROGRESS, answer, answerQuiz, at, due, go, later, leftByVersion1, over, reviews, said } from "./progress-page.mjs";

const on = stage();

test("questions come due when time goes by, are asked with feedback for every option, and go away again", async () => {
  const page = await at(on, FRIDAY, "");
  const { all, right } = await answerQuiz(on, page);
  assert.ok(right > 0 && right < all, `${right} of ${all}`);
  await go(on, page, PROGRESS);
  await said(reviews(page), /Nothing is due today\. Next: \d+ cards tomorrow\./);

  await later(on, page, "2026-11-21T08:00:00", "");
  assert.equal(await due(page), all - right, "what was missed is back after a day");
  await page.getByRole("link", { name: `${all - right} cards are due for review` }).click();
  await page.waitForURL(/progress\/#review/);
  await said(reviews(page), new RegExp(`^Today’s reviews ${all - right} cards are due\\. 5 recall questions come along`));

  await later(on, page, "2026-11-22T08:00:00", PROGRESS);
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
      await answer(turn, asked % 2);
      const options = await turn.locator(".judged .option").count();
      assert.ok(options > 0);
      assert.equal(await turn.locator(".judged .option .why").count() >= options, true, "every option has its reason");
      if (await turn.getAttribute("data-state") === "wrong" && !again) missed += 1;
      asked += 1;
    }
    await said(page.locator("[data-foot]"), /Back (tomorrow|on|in)|It comes once more at the end, and then tomorrow/);
    const next = page.getByRole("button", { name: /Next card|Finish/ });
    assert.ok(await next.evaluate((button) => button === document.activeElement), "the keyboard goes on");
    const last = (await next.innerText()) === "Finish";
    await next.click();
    if (last) break;
  }
  assert.equal(recalled, 5);
  assert.equal(asked, all + missed, "what was missed came once more");
  await said(reviews(page), new RegExp(`${all + 5 - missed} of ${all + 5} known\\.`));
  await said(reviews(page), /Done for today\. Next: \d+ cards? tomorrow\./);
  assert.equal(await page.locator("[data-due-badge]").isVisible(), false);

  await later(on, page, "2026-11-23T08:00:00", PROGRESS);
  assert.equal(await due(page), missed);
  assertCalm(page);
});

test("a sitting can be stopped, and what was answered stays answered", async () => {
  const page = await at(on, FRIDAY, "");
  await answerQuiz(on, page);
  await later(on, page, "2026-11-24T08:00:00", PROGRESS);
  const before = await due(page);
  await page.getByRole("button", { name: /^Review / }).click();
  const form = page.locator("[data-card] form");
  await answer(form, 0);
  await page.getByRole("button", { name: "Next card" }).waitFor();
  await page.getByRole("button", { name: "Stop for now" }).click();
  await said(reviews(page), new RegExp(`[01] of 1 known.* ${before - 1} cards are due`));
  assert.equal(await page.evaluate(() => document.activeElement.id), "review-title");
  assertCalm(page);
});

test("a question that is made by the core comes back with other numbers", async () => {
  const page = await at(on, FRIDAY, "");
  await answerQuiz(on, page);
  const cards = page.locator(".quiz-card:has(.quiz-given:not(:empty))");
  const seen = await cards.evaluateAll((cards) => cards.map((card) => [card.id.replace("question-", ""), card.querySelector(".quiz-given").textContent]));
  assert.ok(seen.length > 0, "the lesson has generated questions with something given");
  await later(on, page, "2026-11-24T08:00:00", PROGRESS);
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
      await answer(turn, 0);
    }
    const next = page.getByRole("button", { name: /Next card|Finish/ });
    if ((await next.innerText()) === "Finish") break;
    await next.click();
  }
  for (const [id, given] of seen) assert.ok(again.has(id) && again.get(id) !== given, `${id}: ${given}`);
  assertCalm(page);
});

test("a recall card at the end of a lesson says when it is back, and comes back", async () => {
  const page = await at(on, FRIDAY, `${LESSON}#recall`);
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

  await later(on, page, "2026-11-22T09:00:00", PROGRESS);
  assert.equal(await due(page), 1);
  await page.getByRole("button", { name: "Review the card" }).click();
  await page.getByRole("heading", { name: question }).waitFor();
  await page.getByRole("button", { name: "Show answer" }).click();
  await page.getByRole("button", { name: /Missed it/ }).click();
  await said(page.locator("[data-foot]"), /once more at the end/);
  assertCalm(page);
});

test("a prediction counts with how sure it was, once for each run", async () => {
  const page = await at(on, FRIDAY, LESSON);
  await ready(page);
  const lab = new Lab(page, "side-by-side");
  const commit = async (sure) => {
    await lab.prediction.getByRole("radio").first().check({ force: true });
    await lab.prediction.getByRole("radio", { name: sure }).check({ force: true });
    await lab.prediction.getByRole("button", { name: "Lock it in and run" }).click();
  };
  const counted = async (name) => {
    await go(on, page, PROGRESS);
    return page.locator(".calibration-table tr", { hasText: name }).locator("td").nth(1).innerText();
  };
  const back = async () => {
    await go(on, page, LESSON);
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

test("lesson data that cannot be fetched leaves its cards due and says so", async () => {
  const text = await leftByVersion1();
  const page = await over(on, (text) => localStorage.setItem("hopscope.progress", text), text);
  await page.route("**/lesson.bin", (route) => route.abort());
  await page.getByRole("button", { name: "Review 17 cards" }).click();
  await said(reviews(page), /could not be fetched.*12 cards are due/);
  assertCalm(page, [/lesson\.bin/, /Failed to load resource/]);
});
