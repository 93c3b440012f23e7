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

/** What `cargo xtask size` counts for a lesson: what it fetches when it is opened, and what its labs fetch. */
function sizes(page) {
  const run = spawnSync("cargo", ["xtask", "size", "--json"], { cwd: ROOT, encoding: "utf8" });
  const { files, labs } = JSON.parse(run.stdout).visits.find((visit) => visit.page === `${page}index.html`);
  const plain = (names) => names.map((file) => file.replace(/-[0-9a-f]{16}/, "")).sort();
  return { opened: plain(files), labs: plain([...files, ...labs]) };
}

async function lesson(prepare = () => {}, path = LESSON) {
  const page = await on.open(null, { viewport: { width: 1440, height: 900 } });
  const names = fetched(page);
  await prepare(page);
  await page.goto(new URL(path, on.site.url).href);
  return { page, names };
}

for (const path of [LESSON, BALANCING]) {
  test(`opening ${path} and playing its first lab to its end fetch what \`cargo xtask size\` counts, each file once`, async () => {
    const { page, names } = await lesson(undefined, path);
    const counted = sizes(path);
    await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
    await page.waitForTimeout(500);
    assert.deepEqual([...names].sort(), counted.opened);
    await ready(page);
    const lab = new Lab(page, path === LESSON ? LABS[0] : "race");
    await lab.step.click();
    await lab.play.click();
    await lab.pause.click();
    await lab.scrub(0.99);
    await lab.at((position) => position > 1_000, "the run is near its end");
    await page.waitForTimeout(300);
    // Where a decision is on show from the start, the picture of its policy is fetched besides.
    assert.deepEqual(names.filter((name) => path === LESSON || name !== "aside.wasm").sort(), counted.labs);
    assertCalm(page);
  });
}

test("a reader who comes by a link into the page finds its labs at work", async () => {
  const { page } = await lesson(undefined, `${LESSON}#lab-even-out`);
  await new Lab(page, "even-out").play.waitFor();
  assertCalm(page);
});

test("what any lab of a lesson needs is fetched, whatever the first one says", async () => {
  const refuseHints = async (page) => page.route((url) => url.pathname.endsWith(`/${BALANCING}`), async (route) => {
    const answer = await route.fetch();
    const text = (await answer.text()).replace(/<meta name="hopscope-labs"[^>]*>/, "").replace(/data-needs="policies"/, 'data-needs="panels"');
    await route.fulfill({ response: answer, body: text });
  });
  const { page, names } = await lesson(refuseHints, BALANCING);
  await ready(page);
  assert.ok(names.includes("policies.wasm"), names.join(" "));
  assertCalm(page);
});

test("labs whose policies cannot be fetched say so", async () => {
  const page = await on.open(null);
  await page.route(/\/policies-[0-9a-f]+\.wasm/, (route) => route.abort());
  await page.goto(new URL(BALANCING, on.site.url).href);
  await page.locator("#lab-race").scrollIntoViewIfNeeded();
  await page.locator("#lab-race").getByText(MISSING).waitFor();
  assert.ok(await page.locator("#lab-race").getByRole("heading").first().isVisible(), "what reads without it is still there");
});

test("the quiz comes when the reader comes near, the folded parts of a lab when they are opened", async () => {
  const { page, names } = await lesson();
  await ready(page);
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
  await ready(page);
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
