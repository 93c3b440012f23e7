// Connections as a reader meets them: one request followed message by message, and a backend that
// dies between two of them.

import { test } from "node:test";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";

import { LESSON, SITE, assertCalm, eventually, stage } from "./browser.mjs";
import { Lab, ready } from "./lesson-page.mjs";

const on = stage();

const PROXIES = "lessons/what-reverse-proxies-do/";
const skip = !existsSync(join(SITE, PROXIES)) && `the site has no ${PROXIES}`;

/** What a lab shows of its connections. */
class Wires {
  constructor(lab) {
    this.lab = lab;
    this.diagram = lab.panel("Messages");
    this.rows = this.diagram.getByRole("listitem").getByRole("button");
    this.tables = lab.panel("Connections").getByRole("table");
    this.pool = lab.panel("Pool");
  }

  static async open(id, settings = {}) {
    const page = await on.open(PROXIES, { viewport: { width: 1440, height: 900 }, ...settings });
    await ready(page);
    const wires = new Wires(new Lab(page, id));
    await wires.lab.root.scrollIntoViewIfNeeded();
    await wires.diagram.getByRole("heading").waitFor();
    return { page, wires, lab: wires.lab };
  }

  /** The rows as they are read aloud. */
  async messages() {
    return this.rows.evaluateAll((rows) => rows.map((row) => row.firstElementChild.textContent));
  }

  /** One row of a connection's table: what the one who opened it knows, and what the other end does. */
  async row(connection, name) {
    const row = this.tables.nth(connection).getByRole("row").filter({ has: this.lab.page.getByRole("rowheader", { name, exact: true }) });
    return row.getByRole("cell").allInnerTexts();
  }

  /** Steps until a message satisfies, and gives all rows. */
  async stepTo(pattern) {
    for (let steps = 0; steps < 60; steps += 1) {
      const rows = await this.messages();
      if (rows.some((row) => pattern.test(row))) return rows;
      const before = await this.lab.position();
      await this.lab.step.click();
      await this.lab.at((position) => position === before + 1, "a step is one event");
    }
    assert.fail(`no message matches ${pattern}: ${await this.messages()}`);
  }
}

/** What is sent, and between whom: `SYN from You to Proxy`. */
const headline = (row) => row.split(" on connection ")[0];
