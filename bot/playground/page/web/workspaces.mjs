// Takes screenshots of a partner's own workspace: node workspaces.mjs CHROMIUM URL FOLDER
import { join } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, url, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const context = await browser.newContext({ viewport: { width: 1060, height: 640 } });
  const page = await context.newPage();
  const shoot = (tab, name) => tab.screenshot({ path: join(folder, `${name}.png`) });
  const press = (tab, name) => tab.getByRole("button", { name, exact: true }).last().click();
  await page.goto(`${url}?as=ana@example.com`);
  await page.getByRole("combobox", { name: "Workspace" }).selectOption("Partner A");
  await page.getByText("tierbot isn't installed").first().waitFor();
  await shoot(page, "desk-not-installed");
  const opened = page.waitForEvent("popup");
  await press(page, "Add to Slack");
  const tab = await opened;
  await tab.getByRole("link", { name: "Add to Slack" }).waitFor();
  await shoot(tab, "add-to-slack");
} finally {
  await browser.close();
}
