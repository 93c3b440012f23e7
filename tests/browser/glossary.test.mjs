// Terms and their definitions, the glossary, and the book of cheatsheets.

import { test } from "node:test";
import assert from "node:assert/strict";

import { LESSON, assertCalm, eventually, stage } from "./browser.mjs";
import { ready } from "./lesson-page.mjs";

const on = stage();

test("a term opens under the pointer, stays while the pointer is on its definition, and closes with Escape", async () => {
  const page = await on.open(LESSON);
  await ready(page);
  const term = page.locator(".term").nth(2);
  const definition = page.locator(`#${await term.getAttribute("popovertarget")}`);
  // Somewhere else on the page; unlike a bare move of the mouse this gives up some time.
  const leave = () => page.locator(".brand").hover();
  await term.scrollIntoViewIfNeeded();
  await term.hover();
  await definition.waitFor();
  await definition.getByRole("link", { name: "In the glossary" }).hover();
  await page.waitForTimeout(600);
  assert.ok(await definition.isVisible(), "it stays under the pointer");
  await leave();
  await definition.waitFor({ state: "hidden" });
  await term.hover();
  await definition.waitFor();
  await page.keyboard.press("Escape");
  await definition.waitFor({ state: "hidden" });
  // A click pins what the pointer has opened; another one closes it.
  await leave();
  await term.hover();
  await definition.waitFor();
  await term.click();
  await leave();
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

test("a term that has the focus opens when its code comes late", async () => {
  const page = await on.open(null);
  const held = [];
  await page.route(/study-.*\.wasm/, (route) => held.push(route));
  await page.goto(new URL(LESSON, on.site.url).href);
  await ready(page);
  const term = page.locator(".term").nth(1);
  const definition = page.locator(`#${await term.getAttribute("popovertarget")}`);
  await page.locator(".term").nth(0).focus();
  await page.keyboard.press("Shift+Tab");
  await eventually(() => held.length, (asked) => asked === 1, "its code is asked for");
  await term.focus();
  await held[0].continue();
  await definition.waitFor();
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

test("the book prints a page for each lesson", async () => {
  const page = await on.open("cheatsheets/");
  const sheets = await page.locator(".book-sheet").count();
  for (const format of ["A4", "Letter"]) {
    const pdf = (await page.pdf({ format })).toString("latin1");
    assert.equal(pdf.match(/\/Type\s*\/Page\b/g).length, sheets, format);
  }
});
