// Code that comes when it is needed: not before, and not without a word when it cannot come.

import { test } from "node:test";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { basename } from "node:path";

import { LESSON, ROOT, assertCalm, eventually, stage } from "./browser.mjs";
import { LABS, Lab, Quiz, ready } from "./lesson-page.mjs";

const on = stage();
const BALANCING = "lessons/balancing-algorithms/";
const MISSING = /could not be fetched/;

/** The names of wasm and scripts that a page fetches from now on. */
function fetched(page) {
  const names = [];
  page.on("response", (response) => {
    const name = basename(new URL(response.url()).pathname);
    if (/\.(wasm|js)$/.test(name)) names.push(name.replace(/-[0-9a-f]{16}/, ""));
  });
  return names;
}

/** The wasm and scripts that `cargo xtask size` counts as a page's first visit: its own, what those import, and what its head asks for. */
function sizes(page) {
  const run = spawnSync("cargo", ["xtask", "size", "--json"], { cwd: ROOT, encoding: "utf8" });
  return JSON.parse(run.stdout).visits.find((visit) => visit.page === `${page}index.html`).files;
}

async function lesson(prepare = () => {}) {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  const names = fetched(page);
  await prepare(page);
  await page.goto(new URL(LESSON, on.site.url).href);
  await ready(page);
  return { page, names };
}

test("a first visit that plays the first lab to its end fetches what `cargo xtask size` counts, and no more", async () => {
  const { page, names } = await lesson();
  const lab = new Lab(page, LABS[0]);
  await lab.step.click();
  await lab.play.click();
  await lab.pause.click();
  await lab.scrub(0.99);
  await lab.at((position) => position > 5_000, "the run is near its end");
  assert.deepEqual([...names].sort(), ["boot.js", "hopscope-web.js", "hopscope-web_bg.wasm", "later.js", "theme.js"]);
  assertCalm(page);
});

test("a lesson that teaches more policies fetches those with its labs, each file once", async () => {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  const names = fetched(page);
  await page.goto(new URL(BALANCING, on.site.url).href);
  await ready(page);
  await page.waitForTimeout(300);
  const counted = sizes(BALANCING).map((file) => file.replace(/-[0-9a-f]{16}/, ""));
  assert.ok(counted.includes("policies.wasm"), counted.join(" "));
  assert.deepEqual([...names].sort(), counted.sort());
  assertCalm(page);
});

test("labs whose policies cannot be fetched say so", async () => {
  const page = await on.open(null);
  await page.route(/\/policies-[0-9a-f]+\.wasm/, (route) => route.abort());
  await page.goto(new URL(BALANCING, on.site.url).href);
  await page.locator("#lab-race").getByText(MISSING).waitFor();
  assert.ok(await page.locator("#lab-race").getByRole("heading").first().isVisible(), "what reads without it is still there");
});

test("the quiz comes when the reader comes near, the folded parts of a lab when they are opened", async () => {
  const { page, names } = await lesson();
  await new Lab(page, LABS[0]).root.getByText("The stage as a table").click();
  await new Lab(page, LABS[0]).panel("The stage as a table").getByRole("table").waitFor();
  assert.ok(names.includes("aside.wasm") && !names.includes("quiz.wasm"), names.join(" "));
  await Quiz.reach(page);
  assert.ok(names.includes("quiz.wasm"));
  assertCalm(page);
});

test("a part that cannot be fetched says so, and the rest works", async () => {
  const refuse = (page) => page.route(/\/(quiz|aside)-[0-9a-f]+\.wasm/, (route) => route.abort());
  const { page } = await lesson(refuse);
  const lab = new Lab(page, LABS[0]);
  await lab.root.getByText("The stage as a table").click();
  await lab.root.getByText(MISSING).waitFor();
  const before = await lab.position();
  await lab.step.click();
  await lab.at((position) => position === before + 1, "the lab works");
  const quiz = new Quiz(page);
  await quiz.root.scrollIntoViewIfNeeded();
  const words = await eventually(() => quiz.root.innerText(), (text) => MISSING.test(text), "the quiz says what is wrong");
  assert.match(words, /Read the questions/);
  assertCalm(page, [/^failed: .*(quiz|aside)/, /Failed to fetch|Failed to load resource|ERR_FAILED/]);
});
