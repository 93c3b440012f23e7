// A lesson page as a reader finds their way in it: by roles, names and what is written there.
// Everything that the tests know of the page's making stands in this file.

import { eventually } from "./browser.mjs";

/** The lesson's labs, in order, by id. */
export const LABS = ["one-then-four", "side-by-side", "route-by-content", "xff-chain", "even-out"];

/** Goes to the page's first lab, as a reader would, and waits until the labs have come to life. */
export async function ready(page) {
  await page.locator("html[data-labs=ready]").waitFor({ state: "attached" });
  await page.locator("[data-lab]").first().scrollIntoViewIfNeeded();
  await page.getByRole("button", { name: "Play" }).first().waitFor();
}

/** One lab of a page. */
export class Lab {
  constructor(page, id, root = page.locator(`[data-lab="${id}"]`)) {
    this.page = page;
    this.id = id;
    this.root = root;
    this.play = this.button("Play");
    this.pause = this.button("Pause");
    this.step = this.button("Step");
    this.stepBack = this.button("Step back");
    this.startOver = this.button("Start over");
    this.copyLink = this.root.locator("button", { hasText: /Copy link|Copied/ });
    this.undo = this.button("Undo change");
    this.timeline = this.root.getByRole("slider", { name: "Timeline" });
    this.events = this.panel("Events");
    this.decision = this.panel("Decision");
    this.settings = this.panel("Settings");
    this.goals = this.panel("Goals");
    this.why = this.decision.getByRole("heading", { name: /^Why .*\?$/ });
    this.forked = this.root.getByText(/forked at/);
    this.notice = this.root.getByRole("alert");
    this.runningAhead = this.root.getByRole("progressbar", { name: "Running ahead" });
  }

  button(name) {
    return this.root.getByRole("button", { name, exact: typeof name === "string" });
  }

  /** A part of the lab with a name of its own, which may go on with the lab's. */
  panel(name) {
    return this.root.locator(`[aria-label^="${name}"]`).first();
  }

  /** How many events have happened where the lab stands. */
  async position() {
    const words = await this.root.getByText(/event \d+/).first().textContent();
    return Number(/event (\d+)/.exec(words)[1]);
  }

  /** The moment where the lab stands, as its clock shows it. */
  async clock() {
    return (await this.root.getByText(/^\d\d:\d\d\.\d{3}/).first().textContent()).slice(0, 9);
  }

  /** What just happened, as the lab tells it. */
  async lines() {
    return this.events.getByRole("listitem").allTextContents();
  }

  /** Everything that the lab shows of where it stands; two of these are compared. */
  async shown() {
    return {
      position: await this.position(),
      clock: await this.clock(),
      lines: await this.lines(),
      decision: await this.decision.innerText(),
      settings: await this.knobs(),
    };
  }

  /** Where every knob and fault stands. */
  async knobs() {
    return this.settings.locator("input, [aria-pressed]").evaluateAll((all) =>
      all.map((one) => one.getAttribute("aria-pressed") ?? (["radio", "checkbox"].includes(one.type) ? one.checked : one.value)));
  }

  /** Waits until the lab is at a position that holds, on its way or there. */
  async at(holds, why) {
    return eventually(() => this.position(), holds, why);
  }

  /** Waits until the lab has stood for a while at a position that holds: one dragged far goes there in slices. */
  async rest(holds, why) {
    let [last, since] = [null, 0];
    const stands = (position) => {
      if (position !== last) [last, since] = [position, Date.now()];
      return holds(position) && Date.now() - since > 400;
    };
    return eventually(() => this.position(), stands, why);
  }

  /** Drags the timeline to a share of the run, from 0 to 1. */
  async scrub(share) {
    await this.timeline.evaluate((slider, to) => {
      slider.value = String(Math.round(Number(slider.max) * to));
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    }, share);
  }

  /** Drags the timeline to a moment of the run, in milliseconds. */
  async seek(ms) {
    await this.timeline.evaluate((slider, to) => {
      slider.value = String(to);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      slider.dispatchEvent(new Event("change", { bubbles: true }));
    }, ms);
  }

  /** Turns the first knob that is a number, one step to the right. */
  async turnFirstNumber() {
    const slider = this.settings.locator("input[type=range]").first();
    await slider.focus();
    await slider.press("ArrowRight");
    return slider.inputValue();
  }

  /** The card with the question at which the lab stands. */
  get prediction() {
    return this.root.locator(".predict");
  }
}

/** The quiz of a lesson page. */
export class Quiz {
  constructor(page) {
    this.page = page;
    this.root = page.getByRole("region", { name: "Check yourself" });
    this.overview = this.root.getByRole("button", { name: /^Question \d+, / });
  }

  /** Scrolls to the quiz, whose code comes then. */
  static async reach(page) {
    const quiz = new Quiz(page);
    await quiz.root.scrollIntoViewIfNeeded();
    await quiz.overview.first().waitFor();
    return quiz;
  }

  /** The first question that is answered by picking one option. */
  single() {
    const form = this.root.locator("form, article, li").filter({ has: this.page.getByText(/· pick one/) }).first();
    return new Question(form);
  }
}

class Question {
  constructor(root) {
    this.root = root;
    this.options = root.getByRole("radio");
    this.check = root.getByRole("button", { name: "Check" });
    this.tryAgain = root.getByRole("button", { name: "Try again" });
    this.verdict = root.getByText(/^(Right|To revisit)/).first();
    this.reasons = root.locator(".why");
  }
}
