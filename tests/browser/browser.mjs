// Chromium, the built site, and pages that remember what went wrong in them.

import { after, before } from "node:test";
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chromium } from "playwright-core";

import { serve } from "./server.mjs";

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** The built site. */
export const SITE = resolve(process.env.HOPSCOPE_SITE ?? resolve(ROOT, "dist"));
/** The built JavaScript package. */
export const PACKAGE = resolve(process.env.HOPSCOPE_EMBED_PKG ?? resolve(ROOT, "target/embed-pkg"));
/** The repository. */
export { ROOT };

/** The lesson that the tests work through. */
export const LESSON = "lessons/l4-vs-l7/";

/**
 * Starts a browser and a server for the tests of a file. What it gives is filled in before the
 * first of them: `site` is the server, `browser` Chromium.
 */
export function stage({ folder = SITE, what = "the site: cargo xtask build", ...options } = {}) {
  const on = {};
  before(async () => {
    assert.ok(existsSync(folder), `${folder} is missing. First build ${what}`);
    on.site = await serve(folder, options);
    on.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
  });
  after(async () => {
    await on.browser?.close();
    await on.site?.close();
  });
  /** A page in a context of its own: no storage, no cookies of earlier tests. */
  on.open = async (path = "", settings = {}) => {
    const context = await on.browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...settings });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    watch(page);
    if (path !== null) await page.goto(new URL(path, on.site.url).href);
    return page;
  };
  return on;
}

/** Everything that a page's console and scripts complain about gathers in `page.troubles`. */
export function watch(page) {
  page.troubles = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => page.troubles.push(`thrown: ${error}`));
  page.on("requestfailed", (request) => {
    // A reload gives up an icon that was still on its way: nobody's trouble.
    const givenUp = request.url().endsWith("/favicon.svg") && request.failure()?.errorText === "net::ERR_ABORTED";
    if (!givenUp) page.troubles.push(`failed: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) page.troubles.push(`${response.status()}: ${response.url()}`);
  });
}

/** Nothing went wrong in a page, apart from what a test expects. */
export function assertCalm(page, expected = []) {
  const troubles = page.troubles.filter((trouble) => !expected.some((pattern) => pattern.test(trouble)));
  assert.deepEqual(troubles, []);
}

/** Waits until a value meets a condition, and says what it was when it never does. */
export async function eventually(read, holds, why, patience = 10_000) {
  const end = Date.now() + patience;
  let value;
  do {
    value = await read();
    if (holds(value)) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  } while (Date.now() < end);
  assert.fail(`${why}; at last it was ${JSON.stringify(value)}`);
}

/** What a native example of the tests prints; see `tests/examples`. */
export function native(example, ...args) {
  const command = ["run", "--quiet", "--package", "hopscope-tests", "--example", example, "--", ...args];
  const run = spawnSync("cargo", command, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
  assert.equal(run.status, 0, run.stderr || String(run.error));
  return run.stdout;
}
