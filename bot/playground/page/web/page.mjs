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
  await page.getByText("What to do").first().waitFor();
  await press("Inspector");
  await page.getByText("What to do").first().evaluate((found) => found.closest(".message").scrollIntoView({ block: "start" }));
  await page.waitForTimeout(500);
  await shoot("desk");
  await page.goto(`${url}?as=admin@example.com`);
  const sales = "sale_id,partner_id,client_id,product_line,deal_type,motion,mrr,currency,sold_on\n";
  const drop = async (name, rows, said) => {
    await page.getByLabel("Files for tierbot").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(sales + rows) });
    await press("Send");
    await page.getByText(said).last().waitFor();
  };
  await drop("sales.csv", "N1,P001,C0001,Sales Hub Professional,net_new,Sourced?,1000.000,US$,05/09/2022\n", "Nothing was stored.");
  await drop("sales.csv", "N1,P001,C0001,Sales Hub Professional,net_new,sourced,450.00,USD,2022-09-05\n", "Nothing is stored yet.");
  await page.waitForTimeout(500);
  await shoot("desk-file");
  await page.goto(`${url}?as=carla@example.com`);
  await type("/portfolio");
  await page.getByRole("button", { name: /as a CSV file/ }).first().click();
  await page.getByText("I've sent you").last().waitFor();
  await page.getByText("portfolio-2022-09-12.csv", { exact: false }).last().scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await shoot("desk-csv");
} finally {
  await browser.close();
}
