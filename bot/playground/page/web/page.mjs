// Takes screenshots of the page in use: node page.mjs CHROMIUM URL FOLDER
import { join } from "node:path";
import { chromium } from "playwright-core";

const [executablePath, url, folder] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width: 1360, height: 1000 } });
  const shoot = (name) => page.screenshot({ path: join(folder, `${name}.png`) });
  const press = (name) => page.getByRole("button", { name, exact: true }).first().click();
  const type = async (line) => {
    await page.getByRole("combobox", { name: /type a command/ }).fill(line);
    await page.keyboard.press("Enter");
  };
  await page.goto(`${url}?as=ana@example.com`);
  await type("/clients");
  await page.getByRole("row", { name: /Bright Harbor/ }).getByRole("button").click();
  await page.locator("dialog[open]").getByText("Sold history").waitFor();
  await shoot("desk-client");
  await page.keyboard.press("Escape");
  await press("+ week");
  await page.getByText("points expire in 30 days").first().waitFor();
  await press("Inspector");
  await page.getByText("this week").first().evaluate((found) => found.closest(".message").scrollIntoView({ block: "start" }));
  await page.waitForTimeout(500);
  await shoot("desk");
} finally {
  await browser.close();
}
