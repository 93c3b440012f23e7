// A newcomer works through the lesson.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { LABS, Lab, Quiz, ready } from "./lesson-page.mjs";

const on = stage();

async function lesson(settings) {
  const page = await on.open(LESSON, settings);
  await ready(page);
  return page;
}

test("the home page leads to the lesson", async () => {
  const page = await on.open();
  await page.getByRole("link", { name: /Layer 4 vs Layer 7/ }).first().click();
  await page.waitForURL(`**/${LESSON}`);
  await page.getByRole("heading", { level: 1, name: "Layer 4 vs Layer 7" }).waitFor();
  await ready(page);
  assertCalm(page);
});

test("the home page names all 18 lessons and says which are not written yet", async () => {
  const page = await on.open();
  const text = await page.locator("main").innerText();
  const map = text.slice(text.indexOf("The whole course"));
  const written = readdirSync(resolve(SITE, "lessons")).length;
  assert.equal(map.match(/not written yet/gi)?.length, 18 - written, map);
  assert.match(map, /Config review/);
  assertCalm(page);
});

test("every lab of the lesson stands ready, paused", async () => {
  const page = await lesson();
  for (const id of LABS) {
    const lab = new Lab(page, id);
    await lab.play.waitFor();
    assert.ok(await lab.position() > 0, `${id} opens at something worth looking at`);
    await lab.timeline.waitFor();
  }
  assertCalm(page);
});

test("play, pause", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  const before = await lab.position();
  await lab.play.click();
  await lab.at((position) => position > before + 5, "time runs");
  await lab.pause.click();
  const stood = await lab.position();
  await page.waitForTimeout(300);
  assert.equal(await lab.position(), stood, "paused, time stands still");
  assertCalm(page);
});

test("one event on and one back is where one was", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  // The lab may open between two events; the first step stands on one.
  const opened = await lab.position();
  await lab.step.click();
  await lab.at((position) => position === opened + 1, "a step is one event");
  const states = [await lab.shown()];
  for (let i = 1; i <= 4; i += 1) {
    await lab.step.click();
    await lab.at((position) => position === states[0].position + i, "a step is one event");
    states.push(await lab.shown());
  }
  assert.notDeepEqual(states[4].lines, states[0].lines, "something has happened");
  for (const before of states.slice(0, 4).reverse()) {
    await lab.stepBack.click();
    await lab.at((position) => position === before.position, "a step back is one event");
    assert.deepEqual(await lab.shown(), before);
  }
  assertCalm(page);
});

test("keys do what the buttons do", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  const before = await lab.position();
  await lab.timeline.focus();
  await page.keyboard.press(".");
  await lab.at((position) => position === before + 1, "the full stop steps");
  await page.keyboard.press(",");
  await lab.at((position) => position === before, "the comma steps back");
  await page.keyboard.press("ArrowRight");
  await lab.at((position) => position === before + 1, "an arrow on the timeline goes one event on");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  assertCalm(page);
});

test("turning a knob in the middle forks the run there", async () => {
  const page = await lesson();
  const lab = new Lab(page, "one-then-four");
  await lab.scrub(0.6);
  const far = await lab.rest((position) => position > 1_000, "the timeline was dragged");
  await lab.scrub(0.3);
  await lab.rest((position) => position < far, "and back");
  const here = await lab.shown();
  await lab.turnFirstNumber();
  await lab.forked.waitFor();
  assert.equal(await lab.position(), here.position, "the run stands where it stood");
  await lab.scrub(0.6);
  await lab.rest((position) => position > here.position && position !== far, "what follows is another run");
  await lab.undo.click();
  await lab.at((position) => position === here.position, "taken back, the run stands at the fork again");
  await eventually(async () => (await lab.shown()).settings, (settings) => JSON.stringify(settings) === JSON.stringify(here.settings), "the knob is back");
  await lab.scrub(0.6);
  await lab.at((position) => position === far, "and what follows is what had followed");
  assertCalm(page);
});

test("a fault is switched on and off", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  const kill = lab.settings.getByRole("button", { name: /Kill/ }).first();
  await kill.click();
  await eventually(() => kill.getAttribute("aria-pressed"), (pressed) => pressed === "true", "the fault is on");
  await kill.click();
  await eventually(() => kill.getAttribute("aria-pressed"), (pressed) => pressed === "false", "and off");
  assertCalm(page);
});

test("a decision opens with its candidates and its reason", async () => {
  const page = await lesson();
  const lab = new Lab(page, "one-then-four");
  await lab.why.waitFor();
  const chosen = /^Why (.+)\?$/.exec(await lab.why.textContent())[1];
  const rows = lab.decision.getByRole("row");
  assert.ok(await rows.count() > 2, "a head and several candidates");
  const row = lab.decision.getByRole("row", { name: new RegExp(`chosen.*${chosen}`) });
  assert.equal(await row.count(), 1, "the one picked is marked");
  assert.match(await lab.decision.innerText(), /[A-Z][^.]+\./, "and the reason is a sentence");
  // Another request, another decision.
  const title = await lab.decision.innerText();
  await lab.button("Earlier request").click();
  await eventually(() => lab.decision.innerText(), (now) => now !== title, "the earlier request has a decision of its own");
  assertCalm(page);
});

test("a prediction is answered, decided by the run, and kept", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  await lab.prediction.getByRole("radio").first().check();
  await lab.prediction.getByRole("button", { name: /Lock it in/ }).click();
  await lab.prediction.getByRole("button", { name: /Skip to the answer/ }).click();
  await lab.prediction.getByText(/What happened/).waitFor({ timeout: 20_000 });
  const verdict = await lab.prediction.innerText();
  assert.match(verdict, /Your answer/);
  await page.reload();
  await ready(page);
  const again = new Lab(page, "side-by-side");
  await again.startOver.click();
  await again.prediction.getByText(/What happened/).waitFor({ timeout: 20_000 });
  assertCalm(page);
});

test("a quiz question is answered, explained, and found again", async () => {
  const page = await lesson();
  const question = (await Quiz.reach(page)).single();
  const count = await question.options.count();
  assert.ok(count >= 3);
  await question.options.first().check();
  await question.check.click();
  await question.verdict.waitFor();
  assert.equal(await question.reasons.count(), count, "something is said about every option");
  const told = await question.root.innerText();
  await page.reload();
  await ready(page);
  await Quiz.reach(page);
  await eventually(() => new Quiz(page).single().root.innerText(), (text) => text === told, "the answer is still there");
  const states = await new Quiz(page).overview.allTextContents();
  assert.equal(states.filter((state) => !state.endsWith("open")).length, 1);
  assertCalm(page);
});

test("after a reload each lab stands where it was left", async () => {
  const page = await lesson();
  const lab = new Lab(page, "even-out");
  await lab.scrub(0.5);
  await lab.rest((position) => position > 500, "the timeline was dragged");
  await lab.step.click();
  const left = await lab.shown();
  await page.reload();
  await ready(page);
  const again = new Lab(page, "even-out");
  await again.at((position) => position === left.position, "the lab stands where it was left");
  assert.deepEqual(await again.shown(), left);
  assertCalm(page);
});

test("a copied link opens at the same state and event", async () => {
  const page = await lesson({ permissions: ["clipboard-read", "clipboard-write"] });
  const lab = new Lab(page, "one-then-four");
  await lab.scrub(0.3);
  await lab.turnFirstNumber();
  await lab.scrub(0.45);
  await lab.step.click();
  const sent = await lab.shown();
  await lab.copyLink.click();
  const link = await eventually(() => page.evaluate(() => navigator.clipboard.readText()), (text) => text.includes("#"), "the link is copied");
  assert.ok(link.startsWith(new URL(LESSON, on.site.url).href), link);

  const other = await on.open(null);
  await other.goto(link);
  await ready(other);
  const received = new Lab(other, "one-then-four");
  await received.at((position) => position === sent.position, "the link leads to the same event");
  assert.deepEqual(await received.shown(), sent);
  assertCalm(other);
  assertCalm(page);
});

test("two layers stand side by side on the same arrivals", async () => {
  const page = await lesson();
  const lab = new Lab(page, "side-by-side");
  await lab.button("Side by side").click();
  await eventually(() => lab.root.getByRole("img", { name: /stage/i }).count(), (count) => count === 2, "there are two stages");
  await lab.step.click();
  assertCalm(page);
});

test("the challenge tells what is asked and how far one is", async () => {
  const page = await lesson();
  const lab = new Lab(page, "even-out");
  await lab.goals.getByRole("heading", { name: "Challenge" }).waitFor();
  await lab.scrub(1);
  await eventually(() => lab.goals.innerText(), (text) => /not met|Every goal/.test(text), "at the end the goals are judged");
  assertCalm(page);
});

test("light and dark are a choice that is kept", async () => {
  const page = await lesson({ colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await page.locator("#theme-toggle").click();
  await eventually(paper, (now) => now !== light, "it turns dark");
  const dark = await paper();
  await page.reload();
  assert.equal(await paper(), dark);
  assertCalm(page);
});

test("the cheatsheet prints on one page", async () => {
  const page = await on.open(`${LESSON}cheatsheet/`);
  await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
  for (const format of ["A4", "Letter"]) {
    const pdf = (await page.pdf({ format })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page(?![a-zA-Z])/g)?.length, 1, format);
  }
  assertCalm(page);
});
