// A real browser on the page, and the actions of a scenario: node scenarios.mjs NAME URL CHROMIUM WEB FOLDER
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { readFileSync } from "node:fs";

const [name, url, executablePath, web, folder] = process.argv.slice(2);
export { folder, url };
const installed = createRequire(join(web, "package.json"));
const { chromium } = installed("playwright-core");
const AXE = readFileSync(installed.resolve("axe-core"), "utf8");
const PATIENCE = 60_000; // ms: generous for a busy machine; a passing scenario never waits this long

export const type = async (page, line) => {
  const field = page.getByRole("combobox", { name: /type a command/ });
  await field.fill(line);
  await field.press("Enter");
};
export const button = (page, label) => page.getByRole("button", { name: label, exact: true });
export const window_ = (page) => page.locator("dialog[open]");
export const leave = async (page) => {
  await page.keyboard.press("Escape");
  await window_(page).waitFor({ state: "detached" });
};
export const be = async (page, who, what) => {
  const people = page.getByRole("combobox", { name: "I am" });
  await people.selectOption(await people.locator("option", { hasText: who }).first().getAttribute("value"));
  await page.locator(".what", { hasText: what }).waitFor();
};

// Drag a folder or a file onto the page and drop it, as from a file manager: on the top bar, or on what is `at` this height.
export const drag = async (page, path, said = "Drop your CSV files", at = 20) => {
  const devtools = await page.context().newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const kind of ["dragEnter", "dragOver"]) await devtools.send("Input.dispatchDragEvent", { type: kind, x: 600, y: at, data });
  await page.getByText(said).first().waitFor();
  await devtools.send("Input.dispatchDragEvent", { type: "drop", x: 600, y: at, data });
};

// The accessibility violations of the page as it is now (axe-core: WCAG 2.2 AA and best practices), in both themes.
export const barriers = async (page, where) => {
  const found = [];
  for (const theme of ["Dark theme", "Light theme"]) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
    for (const { id, nodes } of violations) for (const node of nodes) found.push(`${where}: ${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`);
    await page.getByRole("button", { name: theme, exact: true, includeHidden: true }).dispatchEvent("click");
  }
  return found;
};

// Add to Slack as whoever the page is: the bot's own page, and Slack's, both in a new tab.
export const addToSlack = async (page, pressed) => {
  const opened = page.waitForEvent("popup");
  await button(page, "Add to Slack").click();
  const tab = await opened;
  await tab.getByRole("link", { name: "Add to Slack" }).click();
  await button(tab, pressed).click();
  return tab;
};

// Run one scenario on Ana's page. Requests to other machines and console errors fail it.
export async function run(scenarios) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE);
    const wrong = [];
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== "data:" && hostname !== new URL(url).hostname) wrong.push(`request to another host: ${request.url()}`);
    });
    context.on("weberror", (error) => wrong.push(String(error.error())));
    const expected = (message) => message.text().includes("with a status of 400 ") || message.location().url.endsWith("/favicon.ico");
    context.on("console", (message) => message.type() === "error" && !expected(message) && wrong.push(message.text()));
    const page = await context.newPage();
    await page.goto(`${url}?as=ana@example.com`);
    await page.getByRole("heading", { name: "tierbot demo" }).waitFor();
    try {
      await scenarios[name](page, { context });
    } catch (error) {
      await page.screenshot({ path: join(folder, "failed.png") });
      throw error;
    }
    assert.deepEqual(wrong, []);
  } finally {
    await browser.close();
  }
}
