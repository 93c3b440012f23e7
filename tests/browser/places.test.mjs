// The same files work wherever they are put: below a path, and in a frame on another origin.

import { test } from "node:test";
import assert from "node:assert/strict";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { LABS, Lab, ready } from "./lesson-page.mjs";
import { serve } from "./server.mjs";

const on = stage({ under: "/a/b/c/" });

test("below a path, every page finds its files", async () => {
  const page = await on.open(null);
  for (const path of ["", LESSON, `${LESSON}cheatsheet/`, "glossary/", `embed/l4-vs-l7/${LABS[0]}/`]) {
    await page.goto(new URL(path, on.site.url).href);
    await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
    // Leaving while the lesson's data is still on its way would break that fetch off.
    await page.waitForLoadState("networkidle");
  }
  assertCalm(page);
});

test("every link of the site leads somewhere", async () => {
  const page = await on.open();
  const [seen, open] = [new Set(), [on.site.url]];
  while (open.length > 0) {
    const url = open.pop();
    if (seen.has(url)) continue;
    seen.add(url);
    const response = await page.request.get(url);
    assert.equal(response.status(), 200, url);
    if (!(response.headers()["content-type"] ?? "").startsWith("text/html")) continue;
    for (const [, href] of (await response.text()).matchAll(/<a\s[^>]*?href="([^"]+)"/g)) {
      const to = new URL(href.replaceAll("&amp;", "&"), url);
      to.hash = "";
      if (to.href.startsWith(on.site.url)) open.push(to.href);
      else assert.notEqual(to.origin, on.site.origin, `${href} on ${url} leaves the folder that the site is in`);
    }
  }
  assert.ok(seen.size >= 4, [...seen].join(" "));
});

test("each lab works in a frame on another origin", async () => {
  const frame = (id) => `<iframe title="${id}" width="900" height="800" src="${on.site.url}embed/l4-vs-l7/${id}/"></iframe>`;
  const page = `<!DOCTYPE html><html lang="en"><title>A page elsewhere</title><link rel="icon" href="data:,">${LABS.map(frame).join("")}`;
  const elsewhere = await serve(SITE, { under: "/nothing/", pages: { "/": page } });
  try {
    assert.notEqual(elsewhere.origin, on.site.origin);
    const host = await on.open(null);
    await host.goto(elsewhere.url.replace("/nothing/", "/"));
    for (const id of LABS) {
      const lab = new Lab(host.frameLocator(`iframe[title="${id}"]`), id);
      await lab.play.waitFor();
      const before = await lab.position();
      await lab.step.click();
      await lab.at((position) => position === before + 1, `${id} steps in a frame`);
      await lab.stepBack.click();
      await lab.at((position) => position === before, `${id} steps back in a frame`);
    }
    assertCalm(host);
  } finally {
    await elsewhere.close();
  }
});

test("a lab in a frame plays", async () => {
  const page = await on.open(`embed/l4-vs-l7/${LABS[1]}/`);
  const lab = new Lab(page, LABS[1]);
  await ready(page);
  const before = await lab.position();
  await lab.play.click();
  await eventually(() => lab.position(), (position) => position > before, "time runs");
  assertCalm(page);
});
