// Axe finds nothing to complain of, on a phone and on a desk, in light and in dark.

import { test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, stage } from "./browser.mjs";
import { LABS, Lab, Quiz, ready } from "./lesson-page.mjs";

const on = stage();

async function assertAccessible(page, where) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const told = violations.map((found) => `${found.id} (${found.impact}): ${found.help}\n` + found.nodes.slice(0, 5).map((node) => `    ${node.target.join(" ")}\n      ${node.html.slice(0, 160)}`).join("\n"));
  assert.equal(told.length, 0, `${where}\n${told.join("\n")}`);
}

async function assertFits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${where} is ${over} px wider than the window`);
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [320, 1440]) {
    const settings = { colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" };
    const where = `${colorScheme}, ${width} px`;

    test(`home: ${where}`, async () => {
      const page = await on.open("", settings);
      await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
      await assertAccessible(page, where);
      await assertFits(page, where);
      assertCalm(page);
    });

    test(`lesson: ${where}`, async () => {
      const page = await on.open(LESSON, settings);
      await ready(page);
      await assertAccessible(page, where);
      await assertFits(page, where);
      assertCalm(page);
    });

    // What is folded and what is answered looks alike at either end of both.
    if ((colorScheme === "light") === (width === 320)) {
      test(`lesson, with everything opened and answered: ${where}`, async () => {
        const page = await on.open(LESSON, settings);
        await ready(page);
        for (const id of LABS) {
          const lab = new Lab(page, id);
          await lab.scrub(0.5);
          for (const details of await lab.root.locator("details").all()) await details.evaluate((one) => { one.open = true; });
        }
        const question = (await Quiz.reach(page)).single();
        await question.options.first().check();
        await question.check.click();
        await question.verdict.waitFor();
        await assertAccessible(page, where);
        await assertFits(page, where);
        assertCalm(page);
      });
    }
  }
}

for (const slug of readdirSync(resolve(SITE, "lessons")).filter((slug) => !LESSON.includes(slug))) {
  for (const [colorScheme, width] of [["light", 1440], ["dark", 320]]) {
    test(`the lesson ${slug}: ${colorScheme}, ${width} px`, async () => {
      const page = await on.open(`lessons/${slug}/`, { colorScheme, viewport: { width, height: 900 }, reducedMotion: "reduce" });
      await ready(page);
      for (const lab of await page.locator("[data-lab]").all()) {
        await lab.scrollIntoViewIfNeeded();
        await lab.getByRole("button", { name: "Step", exact: true }).click();
      }
      await page.waitForTimeout(500);
      await assertAccessible(page, slug);
      await assertFits(page, slug);
      assertCalm(page);
    });
  }
}

test("glossary, cheatsheet and a lab alone", async () => {
  for (const path of ["glossary/", `${LESSON}cheatsheet/`, `embed/l4-vs-l7/${LABS[0]}/`]) {
    const page = await on.open(path, { colorScheme: "dark" });
    await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
    await assertAccessible(page, path);
    assertCalm(page);
  }
});

test("with motion wanted, a playing lab stays accessible", async () => {
  const page = await on.open(LESSON, { reducedMotion: "no-preference" });
  await ready(page);
  const lab = new Lab(page, LABS[1]);
  await lab.play.click();
  await lab.pause.waitFor();
  await assertAccessible(page, "playing");
  assertCalm(page);
});

test("every control has a name, as Chromium tells it to assistive technology", async () => {
  const page = await on.open(LESSON);
  await ready(page);
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const roles = ["button", "slider", "radio", "checkbox", "textbox", "combobox", "link", "switch", "progressbar"];
  const controls = nodes.filter((node) => !node.ignored && roles.includes(node.role?.value));
  assert.ok(controls.length > 50);
  const nameless = controls.filter((node) => !node.name?.value?.trim());
  const told = await Promise.all(nameless.slice(0, 8).map(async (node) => (await session.send("DOM.describeNode", { backendNodeId: node.backendDOMNodeId })).node));
  assert.equal(nameless.length, 0, told.map((node) => `${node.localName} ${node.attributes.join(" ")}`).join("\n"));
});

test("the first stops of the tab key are the skip link, the menu and the content", async () => {
  const page = await on.open(LESSON);
  await ready(page);
  await page.keyboard.press("Tab");
  assert.match(await page.evaluate(() => document.activeElement.textContent), /Skip to the content/);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.id), "main");
});
