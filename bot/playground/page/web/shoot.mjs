// Takes a screenshot of each surface: node shoot.mjs CHROMIUM SURFACES.json FOLDER
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [executablePath, surfaces, folder] = process.argv.slice(2);
const page_url = pathToFileURL(join(dirname(fileURLToPath(import.meta.url)), "dist", "pictures.html")).href;
const args = ["--no-sandbox", "--allow-file-access-from-files"];
const browser = await chromium.launch({ executablePath, args });
try {
  const page = await browser.newPage({ deviceScaleFactor: 1.5, viewport: { width: 920, height: 700 } });
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(String(error)));
  await page.goto(page_url);
  for (const { name, ...shown } of JSON.parse(readFileSync(surfaces, "utf8"))) {
    await page.evaluate((given) => window.show(given), shown);
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => undefined))));
    await page.locator(".surface, dialog[open]").screenshot({ path: join(folder, `${name}.png`) });
    if (wrong.length) throw new Error(`${name}: ${wrong.join("; ")}`);
    console.log(name);
  }
} finally {
  await browser.close();
}
