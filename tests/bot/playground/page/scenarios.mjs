// What a newcomer does on the page.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { addToSlack, barriers, be, button, drag, folder, leave, run, type, url, window_ } from "./browser.mjs";

// Fill in the rest of the window for a sale, once partner and client are chosen.
const sale = async (form, mrr) => {
  await form.getByLabel("Product line").selectOption({ label: "Service Hub Professional" });
  await form.getByLabel("Deal type").selectOption({ label: "Cross-sell" });
  await form.getByLabel("Motion").selectOption({ label: "Sourced" });
  await form.getByLabel("MRR").fill(mrr);
  await form.getByLabel("Currency").selectOption({ label: "USD" });
  await button(form, "Next").click();
};

// Whether all of an element is within what its window shows.
const isInSight = (each) => {
  const [own, shown] = [each, each.closest(".body")].map((element) => element.getBoundingClientRect());
  return shown.top <= own.top && own.bottom <= shown.bottom;
};

await run({
  async three_commands(page) {
    await page.getByRole("combobox", { name: /type a command/ }).fill("/g");
    await page.getByRole("option", { name: /\/gap/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByText("[tier]").first().waitFor();
    await page.keyboard.type("platinum");
    await page.keyboard.press("Enter");
    await page.getByText("225 points of any kind").waitFor();
    await type(page, "/tier");
    await page.getByText("420 of 645").first().waitFor();
    await type(page, "/expiring");
    await page.getByText("Bright Harbor Logistics").first().waitFor();
    assert.equal(await page.getByText("Only visible to you").count(), 3);
    await button(page, "Dismiss").first().click();
    await page.waitForFunction(() => document.querySelectorAll(".only-you").length === 2);
    await type(page, "/tire");
    await page.getByRole("alert").getByText("Did you mean /tier?").waitFor();
    assert.equal(await page.getByRole("combobox", { name: /type a command/ }).inputValue(), "/tire");
  },

  async client_fly_in(page) {
    await button(page, "/clients").click();
    await page.getByRole("row", { name: /Bright Harbor Logistics/ }).getByRole("button", { name: "Open" }).click();
    await window_(page).getByText("Sold history").waitFor();
    await window_(page).getByText("Bright Harbor Logistics").first().waitFor();
    await leave(page);
    await page.waitForFunction(() => document.activeElement.textContent === "Open"); // focus stays where it was
    await button(page, "Expiring").last().click();
    await page.getByText(/^Partner A: .* points expire within 90 days/).waitFor();
  },

  async a_window_closes_with_its_page(page) {
    await type(page, "/clients");
    await page.getByRole("row", { name: /Bright Harbor Logistics/ }).getByRole("button", { name: "Open" }).click();
    await window_(page).getByText("Sold history").waitFor();
    await page.reload();
    await page.getByRole("row", { name: /Bright Harbor Logistics/ }).waitFor();
    assert.equal(await window_(page).count(), 0);
    await page.goto(`${url}?as=nobody@example.com`);
    await page.getByRole("alert").getByText("nobody@example.com isn't in this data. You are now ana@example.com.").waitFor();
    assert.match(page.url(), /as=ana%40example.com/);
  },

  async new_messages_do_not_move_someone_reading_above(page, { context }) {
    for (const line of ["/tier", "/gap", "/expiring"]) {
      await type(page, line);
      await page.waitForFunction((count) => document.querySelectorAll("article").length === count, ["/tier", "/gap", "/expiring"].indexOf(line) + 1);
    }
    const log = page.getByRole("log");
    await log.evaluate((box) => box.scrollTo({ top: 0 }));
    await page.waitForFunction(() => document.querySelector(".messages").scrollTop === 0);
    const second = await context.newPage();
    await second.goto(`${url}?as=ana@example.com`);
    await button(second, "+ week").click();
    await button(page, "↓ New messages").waitFor();
    assert.equal(await log.evaluate((box) => box.scrollTop), 0);
    await button(page, "↓ New messages").click();
    await button(page, "↓ New messages").waitFor({ state: "detached" });
  },

  async a_form_is_corrected_and_submitted(page) {
    await type(page, "/digest");
    await page.getByLabel("More actions").click();
    await button(page, "Notifications").click();
    await page.locator("dialog input:focus").waitFor();
    await page.getByLabel("Weekday").selectOption("Wednesday");
    await page.getByLabel("Time zone").selectOption("Europe/Lisbon");
    await page.getByLabel("No alerts between").fill("at night");
    await button(page, "Save").click();
    await window_(page).getByText("Type two times").waitFor();
    await page.getByLabel("No alerts between").fill("22:00-7:00");
    await page.route("**/do", (route) => route.fulfill({ status: 400, json: { error: "the disk is full" } }), { times: 1 });
    await button(page, "Save").click();
    await window_(page).getByRole("alert").getByText("the disk is full").waitFor(); // in the window, not behind it
    await page.getByRole("checkbox", { name: "Alerts, as they happen" }).uncheck();
    await button(page, "Save").click();
    await window_(page).getByText("Wednesdays at 9:00, Europe/Lisbon").waitFor();
    assert.equal(await window_(page).getByText("Alerts").count(), 0);
    await leave(page);
    await button(page, "Home").click();
    await button(page, "Send feedback").click();
    await window_(page).getByRole("button", { name: "Send", exact: true }).click();
    await window_(page).getByText("Please complete this required field").waitFor();
  },

  async a_tier_table_is_pasted_checked_and_approved_by_a_second_admin(page, { context }) {
    await be(page, /^Adele/, "admin of");
    await type(page, "/tier setup");
    await page.getByLabel("The table").fill("Tier\tTotal\tRetention\nGold\t1.234\t60%\nPlatinum\t680\t70%");
    await button(page, "Check").click();
    const error = window_(page).getByText("Please complete this required field");
    await error.waitFor();
    assert.ok(await error.evaluate(isInSight), "the field that is wrong is scrolled to");
    await page.getByLabel("Source").fill("Partner portal");
    await button(page, "Check").click();
    await window_(page).getByText("“1.234” can be 1,234 or 1.234").waitFor();
    await page.getByLabel("The table").fill("Tier\tTotal\tRetention\nGold\t320\t60%\nPlatinum\t680\t70%");
    await button(page, "Check").click();
    await window_(page).getByText("This is what I understood, from 5 Sep 2022 on:").waitFor();
    await button(page, "Propose").click();
    await window_(page).getByText("Proposed. Another admin has to approve it.").waitFor();
    await leave(page);
    const second = await context.newPage();
    await second.goto(`${url}?as=astrid@example.com`);
    await second.getByText("Adele Admin proposes: tier thresholds from 5 Sep 2022").waitFor();
    assert.deepEqual(await barriers(second, "approval"), []);
    await second.getByRole("button", { name: /^Approve: tier thresholds/ }).click();
    await second.getByRole("alertdialog").getByText("Approve this?").waitFor();
    await button(second, "Approve").click();
    await second.getByText("Approved by @Astrid Abel").first().waitFor();
    await page.getByText("Approved by @Astrid Abel").first().waitFor(); // on the proposer's card as well
    await be(page, /^Ana/, "partner of");
    await type(page, "/tier");
    await page.getByText("420 of 680").first().waitFor();
  },

  async a_sale_is_typed_by_a_partner_and_approved_by_the_cam(page, { context }) {
    await type(page, "/tier add sale");
    await window_(page).getByLabel("Client").selectOption({ label: "Bright Harbor Logistics" });
    await sale(window_(page), "1234.5");
    await window_(page).getByText(/It will earn .* sourced points, until/).waitFor();
    await window_(page).getByText("US$1,234.50").waitFor();
    await button(window_(page), "Propose").click();
    await window_(page).getByText(/^Proposed:/).waitFor();
    const second = await context.newPage();
    await second.goto(`${url}?as=carla@example.com`);
    await second.getByRole("button", { name: /^Decline: / }).waitFor();
    await second.getByRole("button", { name: /^Approve: / }).click();
    await button(second, "Approve").click();
    await second.getByText("Approved by @Carla Conti").first().waitFor();
    await leave(page);
    await page.getByText("Approved by @Carla Conti").first().waitFor();
    await type(page, "/why sold");
    await page.getByText("typed by").first().waitFor();
  },

  async a_cam_adds_a_sale_with_a_client_found_by_its_name(page) {
    await be(page, /^Carla/, "CAM of");
    await type(page, "/tier add sale");
    await window_(page).getByLabel("Partner").selectOption({ label: "Partner A" });
    await window_(page).getByLabel("Client").pressSequentially("bright h");
    await page.locator("option[value='Bright Harbor Logistics']").waitFor({ state: "attached" });
    await window_(page).getByLabel("Client").fill("Bright Harbor Logistics");
    await sale(window_(page), "450");
    await window_(page).getByText(/It will earn .* sourced points, until/).waitFor();
    assert.deepEqual(await barriers(page, "a sale, read back"), []);
    await button(window_(page), "Save").click();
    await window_(page).getByText(/^Saved/).waitFor();
  },

  async a_figure_that_does_not_match_is_explained_and_answered(page, { context }) {
    await type(page, "/tier");
    await page.getByLabel("More actions").click();
    await button(page, "Doesn't match?").click();
    await window_(page).getByLabel("What does the dashboard show?").fill("384");
    await button(window_(page), "Compare").click();
    await window_(page).getByText("The dashboard shows 384, tierbot has 420 points").waitFor();
    await window_(page).getByText(/^1\. /).waitFor();
    await window_(page).getByText("I've passed this to your CAM.").waitFor();
    await leave(page);
    const second = await context.newPage();
    await second.goto(`${url}?as=carla@example.com`);
    await second.getByText("Open: Partner A, combined points on 5 Sep 2022").waitFor();
    assert.deepEqual(await barriers(second, "case"), []);
    await button(second, "Answer").click();
    await window_(second).getByLabel("Your answer").fill("The deal is registered to another partner.");
    await button(window_(second), "Send").click();
    await window_(second).getByText("Your answer is in the thread of the case.").waitFor();
    await page.getByText("Answered: Partner A, combined points on 5 Sep 2022").waitFor();
    await button(page, "That's it").click();
    await page.getByText("Resolved: Partner A, combined points on 5 Sep 2022").waitFor();
  },

  async menus_hold_what_a_row_of_controls_has_no_room_for(page) {
    await type(page, "/tier");
    await page.getByLabel("More actions").click();
    await button(page, "Dollar dashboard").click();
    await page.getByText("US$15,000 of US$20,000").first().waitFor();
    await page.getByRole("combobox", { name: "More questions" }).selectOption({ label: "Plan" });
    await page.getByRole("row", { name: /Renew certification/ }).waitFor();
    await button(page, "Gap").last().click();
    await page.getByRole("combobox", { name: "By another day" }).selectOption({ label: "15 Jan 2023: recalibration" });
    await page.getByText(/by 15 Jan 2023/).first().waitFor();
    assert.deepEqual(await barriers(page, "menus and tables"), []);
  },

  async a_plan_is_kept_as_a_goal(page) {
    await type(page, "/plan platinum by 15 jan");
    await page.getByRole("row", { name: /Win deal.*Bright Harbor Logistics.*US\$4,000/ }).waitFor();
    await button(page, "Keep as goal").click();
    await page.getByText("Platinum by 15 Jan 2023 is now the goal of Partner A.").waitFor();
    await button(page, "Home").click();
    await button(page, "Withdraw goal").waitFor();
  },

  async a_what_if_is_changed_in_its_window_and_kept_as_a_deal(page) {
    await type(page, "/whatif sell 8,000 sourced Dune 20 Sep");
    await page.getByRole("row", { name: /Combined points.*420.*740/ }).waitFor();
    await button(page, "Change it: opens a window").click();
    await window_(page).getByLabel("MRR").fill("9,000");
    await button(window_(page), "Show").click();
    await window_(page).getByText("82.5 points above").waitFor();
    await leave(page);
    await page.getByRole("button", { name: /^Keep as pipeline: Dune/ }).last().click();
    await window_(page).getByLabel("Probability in percent").fill("70");
    assert.deepEqual(await barriers(page, "a deal"), []);
    await button(window_(page), "Next").click();
    await button(window_(page), "Save").click();
    await window_(page).getByText(/^Saved/).waitFor();
    await leave(page);
    await type(page, "/pipeline");
    await page.getByRole("row", { name: /Dune and Daughters.*70%/ }).getByRole("button", { name: "Open" }).click();
    await window_(page).getByRole("button", { name: /^New day: / }).waitFor();
  },

  async an_answer_is_shared_after_a_preview_of_who_will_see_it(page, { context }) {
    const share = async (list, who) => {
      await button(page, "Share: Standing").click();
      const field = window_(page).getByLabel(list);
      await field.selectOption(await field.locator("option", { hasText: who }).first().getAttribute("value"));
      await button(window_(page), "Preview").click();
    };
    await type(page, "/tier");
    await share("Channel", "general");
    await window_(page).getByText("of the people there can't see Partner A").waitFor();
    await leave(page);
    await share("Or one person", "Carla");
    await window_(page).getByText("will see this, from tierbot.").waitFor();
    await window_(page).getByText("All of them may see Partner A").waitFor();
    await button(window_(page), "Share").click();
    await window_(page).getByText("Shared with").waitFor();
    const second = await context.newPage();
    await second.goto(`${url}?as=carla@example.com`);
    await second.getByText("figures don't update").waitFor();
    await second.getByRole("button", { name: /^Ask this yourself/ }).click();
    await second.getByText("Only visible to you").waitFor();
  },

  async a_cam_opens_partners_from_the_table_and_from_the_menus(page) {
    await be(page, /^Carla/, "CAM of");
    await type(page, "/digest");
    await page.getByRole("row", { name: /^Merlion Demand/ }).getByRole("button", { name: "Open Merlion Demand" }).click();
    await window_(page).getByText(/Merlion Demand: Diamond kept/).first().waitFor();
    await leave(page);
    await page.getByRole("combobox", { name: "Show all" }).selectOption({ label: "Quiet (3)" });
    await window_(page).getByText("Firefly CRM").first().waitFor();
    await leave(page);
    await page.getByRole("combobox", { name: "Open a partner" }).selectOption({ label: "Isar Wachstum" });
    await page.getByText(/Isar Wachstum: /).first().waitFor();
  },

  async a_partner_that_is_opened_shows_its_verdict_first(page) {
    await be(page, /^Carla/, "CAM of");
    await type(page, "/portfolio");
    await page.getByRole("button", { name: "Open Big River Group" }).first().click();
    await window_(page).getByText(/Diamond at risk/).first().waitFor();
    assert.equal(await page.locator("dialog.modal .body").evaluate((body) => body.scrollTop), 0);
  },

  async another_person_is_refused(page, { context }) {
    await type(page, '/tier "Rheinbogen Digital"');
    await page.getByText("I don't understand “Rheinbogen Digital”").first().waitFor();
    const second = await context.newPage();
    await second.goto(`${url}?as=carla@example.com`);
    await type(second, '/tier "Partner A"');
    await second.getByText("225 points to Platinum").first().waitFor();
    assert.equal(await page.getByText("225 points to Platinum").count(), 0);
    const people = page.getByRole("combobox", { name: "I am" });
    await people.focus();
    for (const name of ["Abel", "Aiko"]) {
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction((name) => document.activeElement.selectedOptions?.[0].textContent.startsWith(name), name);
    }
    await be(page, /^Eve$/, "not linked yet");
    await type(page, "/tier");
    await page.getByRole("button", { name: "Link me" }).waitFor();
    assert.equal(await page.getByRole("main").getByText("Partner A").count(), 0);
  },

  async a_week_delivers_the_digest(page) {
    await button(page, "Home").click();
    await button(page, "+ week").click();
    await page.getByLabel("1 new", { exact: true }).waitFor();
    await button(page, "# general").click();
    await page.getByLabel("1 new", { exact: true }).waitFor();
    await page.getByRole("button", { name: /^tierbot/ }).click();
    await page.getByText("420 points, no change this week").first().waitFor();
    await button(page, "# general").click();
    await be(page, /^Carla/, "CAM of");
    await page.getByLabel(/ new$/).waitFor();
    await be(page, /^Ana/, "partner of Partner A");
    assert.equal(await page.getByLabel(/ new$/).count(), 0, "what was read stays read");
    await page.getByRole("button", { name: /^tierbot/ }).click();
    await page.getByRole("separator", { name: /Monday,? 12 September 2022/ }).waitFor();
    assert.equal(await page.locator("article time").first().textContent(), "10:30");
    await button(page, "Inspector").click();
    await page.getByRole("button", { name: /chat.postMessage/ }).first().click();
    await page.getByText('"event_type": "tierbot_letter"').waitFor();
    await button(page, "# general").click();
    await page.getByLabel("Go to a day").fill("2022-09-05");
    await button(page, "Go").click();
    await page.getByText("Mon, 5 Sep 2022").waitFor();
    await button(page, "+ week").click();
    await page.getByLabel("1 new", { exact: true }).waitFor(); // replayed messages count as new
  },

  async a_thread(page) {
    await button(page, "Inspector").click();
    await page.getByLabel("Go to a day").fill("2022-11-01");
    await button(page, "Go").click();
    await button(page, "1 reply").click();
    await page.getByRole("complementary", { name: "Inspector" }).waitFor({ state: "detached" }); // only one pane beside the messages
    const thread = page.getByRole("complementary", { name: "Thread" });
    await thread.getByText("Platinum's managed minimum turned red. 15 short").waitFor();
    assert.equal(await thread.getByRole("article").count(), 2);
    await button(page, "Close the thread").click();
    await thread.waitFor({ state: "detached" });
    await button(page, "1 reply").click();
    await thread.waitFor();
    await page.getByLabel("Go to a day").fill("2022-10-01"); // as soon as the days have passed
    await button(page, "Go").click();
    await thread.waitFor({ state: "detached" }); // its messages are in the future now
    await page.getByText("Digests and alerts arrive here; press + week").waitFor();
  },

  async time_advances_until_stopped(page) {
    await page.getByLabel("Go to a day").fill("2026-12-31");
    await button(page, "Go").click();
    await page.getByRole("progressbar", { name: "Time passes" }).waitFor();
    await page.getByText(/\b[1-9]\d* of 1578 days/).waitFor();
    await button(page, "Stop").click();
    await button(page, "+ day").waitFor();
    assert.equal(await page.getByText("Mon, 5 Sep 2022").count(), 0);
  },

  async every_interactive_element(page) {
    const more = page.getByLabel("More actions");
    await more.focus();
    await page.keyboard.press("Enter");
    await button(page, "Platinum").waitFor();
    await page.keyboard.press("Escape");
    await button(page, "Platinum").waitFor({ state: "hidden" });
    await more.click();
    await page.getByRole("combobox", { name: "Look at" }).focus();
    await button(page, "Platinum").waitFor({ state: "hidden" });
    await more.click();
    await button(page, "Platinum").click();
    await window_(page).getByText("225 points of any kind").waitFor();
    await leave(page);
    await page.waitForFunction(() => document.activeElement.ariaLabel === "More actions");
    await page.getByRole("combobox", { name: "Look at" }).selectOption("Its clients");
    await window_(page).getByText("Partner A: 420 points from 9 clients").waitFor();
    await leave(page);
    assert.equal(await page.getByRole("combobox", { name: "Look at" }).inputValue(), '["clients","","P001"]', "a list shows what was chosen");
    await page.getByText("Where the points come from").waitFor(); // a pie chart is drawn as well
    await button(page, "Everything").click();
    await page.getByRole("alertdialog").getByText("It is much.").waitFor();
    await button(page, "No").click();
    await page.getByRole("alertdialog").waitFor({ state: "detached" });
    assert.equal(await window_(page).count(), 0);
    await button(page, "Everything").click();
    await button(page, "Yes").click();
    await window_(page).getByText("Partner A: 420 points from 9 clients").waitFor();
  },

  async the_graph(page) {
    await type(page, "/progress");
    const chart = page.locator(".chart svg");
    await chart.waitFor();
    writeFileSync(join(folder, "chart.png"), await chart.screenshot());
    await button(page, "Dark theme").click();
    writeFileSync(join(folder, "chart-dark.png"), await chart.screenshot());
    await button(page, "Numbers").click();
    await page.getByRole("table").getByText("Mar 2022").waitFor();
  },

  async a_failed_post_arrives_once(page) {
    await button(page, "Inspector").click();
    await page.getByLabel("Make Slack fail next").selectOption("429, too many requests");
    await button(page, "Fail next call").click();
    await page.getByText("Waiting: 429, too many requests").waitFor();
    await type(page, "/digest now");
    await page.getByText("On its way: it will arrive").waitFor();
    await page.getByText("⚠ rate limited").first().waitFor();
    await page.getByText("420 points, +10 this week").first().waitFor();
    await page.waitForFunction(() => document.querySelectorAll("article").length === 2);
    await button(page, "+ day").click();
    await page.getByText("Tue, 6 Sep 2022").waitFor();
    await button(page, "+ day").waitFor(); // what others get on this day is sent
    await page.getByLabel("Make Slack fail next").selectOption({ label: "lost answer: a post arrives, but its answer doesn't" });
    await button(page, "Fail next call").click();
    await page.getByText("Waiting: lost answer").waitFor();
    await type(page, "/digest now");
    // The clock must not move while a digest is being sent: Slack would date it a day later than the bot looks for it.
    await page.getByText("⚠ lost answer").first().waitFor();
    await page.waitForFunction(() => document.querySelectorAll("article").length === 4); // the answer, and the digest
    for (const day of ["Wed, 7 Sep 2022", "Thu, 8 Sep 2022"]) {
      await button(page, "+ day").click(); // one day until it is in doubt, one until it is searched for
      await page.getByText(day).waitFor();
      await button(page, "+ day").waitFor();
    }
    await page.getByText(/conversations.history/).first().waitFor();
    assert.equal(await page.locator("article").count(), 4, "the digest whose answer was lost was found, and not sent again");
    assert.equal(await page.getByText("chat.delete").count(), 0);
    await page.getByLabel("Make Slack fail next").selectOption("500 from Slack");
    await button(page, "Fail next call").click();
    await page.getByRole("button", { name: /^Requirements: each/ }).last().click();
    await page.getByText("420 of 645").first().waitFor(); // without a window the answer is a message
    assert.equal(await window_(page).count(), 0);
  },

  async your_own_files(page) {
    const bring = async (text) => {
      await page.getByLabel("CSV files").setInputFiles({ name: "partners.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
      await button(page, "Add to existing data").click();
    };
    const head = "partner_id,name,country,currency,joined_on\n";
    mkdirSync(join(folder, "mine"));
    writeFileSync(join(folder, "mine", "partners.csv"), `${head}PX,Neu & Co,Atlantis,EUR,2020-13-01\n`);
    writeFileSync(join(folder, "mine", "readme.txt"), "hello");
    await drag(page, join(folder, "mine"));
    await window_(page).getByText("Left out because they are neither CSV nor .xlsx: readme.txt.").waitFor();
    await button(page, "Add to existing data").click();
    await window_(page).getByText("2 problems.").waitFor();
    await page.getByRole("row", { name: /joined_on.*2020-13-01/ }).waitFor();
    await button(page, "Close").click();
    await bring(`${head}PX,Neu & Co,DE,EUR,2020-12-01\n`);
    await page.getByRole("row", { name: "partners.csv 1 0 0 0" }).waitFor();
    await button(page, "Close").click();
    await be(page, "Adele", "every partner");
    await type(page, '/tier "Neu & Co"');
    await page.getByText("Neu & Co").first().waitFor();
  },

  async a_file_is_dropped_in_the_messages_with_tierbot(page) {
    const file = join(folder, "clients.csv");
    const head = "client_id,name,country\n";
    writeFileSync(file, `${head}CNEW,Neu & Co,Atlantis\n`);
    await be(page, "Adele", "every partner");
    await drag(page, file, "Drop your files to attach them to a message to tierbot", 400);
    await button(page, "Send").click();
    await page.getByText("clients.csv: 1 problem. Nothing was stored.").waitFor();
    await page.getByRole("row", { name: /clients.csv 2 country Atlantis/ }).waitFor();
    await page.getByLabel("Files for tierbot").setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(`${head}CNEW,Neu & Co,DE\n`) });
    await button(page, "Send").click();
    await page.getByText("clients.csv: 1 new row.").waitFor();
    await page.getByRole("row", { name: "clients.csv 1 0 0" }).waitFor();
    assert.deepEqual(await barriers(page, "dropped file"), []);
    await button(page, "Import clients.csv").click();
    await page.getByText("Imported clients.csv: 1 new row.").waitFor();
    await be(page, "Ana", "");
    await page.getByLabel("Files for tierbot").setInputFiles({ name: "clients.csv", mimeType: "text/csv", buffer: Buffer.from(head) });
    await button(page, "Send").click();
    await page.getByText("Only CAMs and admins can import files.").waitFor();
  },

  async words_written_with_a_file_go_with_it(page) {
    const list = "Datum,Kunde,Produkt,Monatsbetrag,Art,Land\n2022-03-01,Müller GmbH,Marketing Hub Professional,5000,Neukunde,DE\n";
    await be(page, "Adele", "every partner");
    await page.getByLabel("Files for tierbot").setInputFiles({ name: "other.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
    await button(page, "Remove other.csv").click();
    await page.getByLabel("Files for tierbot").setInputFiles({ name: "Umsatz.csv", mimeType: "text/csv", buffer: Buffer.from(list) });
    await page.getByRole("combobox", { name: /type a command/ }).fill("partner_id=P001 currency=USD motion=sourced");
    await button(page, "Send").click();
    await page.getByText("partner_id=P001 currency=USD motion=sourced").waitFor();
    await page.getByText("Umsatz.csv: 2 new rows.").waitFor();
    await button(page, "Import Umsatz.csv").click();
    await page.getByText("Imported Umsatz.csv: 2 new rows.").waitFor();
    assert.equal(await page.getByText("other.csv").count(), 0);
  },

  async there_are_no_accessibility_barriers(page) {
    const found = [];
    const look = async (where) => found.push(...(await barriers(page, where)));
    await type(page, "/tier");
    await type(page, "/progress");
    await page.locator(".chart svg").waitFor();
    await page.getByRole("combobox", { name: /type a command/ }).fill("/g");
    await page.getByRole("option", { name: /\/gap/ }).waitFor();
    await look("messages");
    await type(page, "/clients");
    await page.getByRole("row", { name: /Bright Harbor Logistics/ }).getByRole("button", { name: "Open" }).click();
    await window_(page).getByText("Sold history").waitFor();
    await look("client");
    await leave(page);
    await type(page, "/digest");
    await page.getByText("What to do").last().waitFor();
    await page.getByLabel("More actions").last().click();
    await button(page, "Notifications").click();
    await page.getByLabel("No alerts between").fill("at night");
    await button(page, "Save").click();
    await window_(page).getByText("Type two times").waitFor();
    await look("form");
    await leave(page);
    await button(page, "Inspector").click();
    await page.getByRole("button", { name: /views.open/ }).first().click();
    await page.getByRole("heading", { name: "Answer" }).waitFor();
    await type(page, "/tire");
    await page.getByRole("alert").waitFor();
    await look("inspector");
    await button(page, "Home").click();
    await button(page, "Points breakdown").waitFor();
    await look("home");
    await page.getByLabel("CSV files").setInputFiles({ name: "partners.csv", mimeType: "text/csv", buffer: Buffer.from("partner_id\nPX\n") });
    await look("files");
    await button(page, "Add to existing data").click();
    await window_(page).getByText(/problem/).first().waitFor();
    await look("report");
    assert.deepEqual(found, []);
  },

  async home_by_keyboard_in_a_narrow_window(page) {
    await page.setViewportSize({ width: 400, height: 800 });
    await button(page, "Channels and people").focus();
    await page.keyboard.press("Enter");
    await button(page, "Home").focus();
    await page.keyboard.press("Enter");
    await button(page, "Points breakdown").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Points, projected").first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Points breakdown", "the focus stays");
    await button(page, "Tier performance").press("Enter");
    const more = page.getByLabel("More actions").first();
    await more.press("Enter");
    await button(page, "Dollar dashboard").press("Enter");
    await page.getByText("US$15,000 of US$20,000").first().waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "More actions");
    await more.press("Enter");
    await button(page, "Points dashboard").waitFor();
    await button(page, "Points breakdown").press("Enter");
    await page.getByText("Points, projected").first().waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, "nothing is wider than the window");
    assert.deepEqual(await barriers(page, "narrow"), []);
  },

  async a_table_wider_than_a_phone_is_scrolled_and_shows_that_it_can_be(page) {
    await be(page, "Carla", "CAM of");
    await page.setViewportSize({ width: 400, height: 800 });
    for (const [line, cell] of [["/portfolio close", "Rheinbogen Digital"], ["/portfolio compare P001 P007 P013", "Numbers reach"], ["/why sold for P001", "Heron Lake Insurance"]]) {
      await type(page, line);
      const table = page.getByRole("table").filter({ hasText: cell }).last();
      await table.waitFor();
      const seen = await table.evaluate((each) => {
        const frame = each.closest(".data-table, .slack_blocks_to_jsx__table");
        const wider = frame.scrollWidth > frame.clientWidth;
        frame.scrollLeft = frame.scrollWidth;
        const [last, shown] = [each.rows[0].lastElementChild, frame].map((part) => part.getBoundingClientRect().right);
        return { wider, reached: last <= shown + 1 && shown <= innerWidth, shadow: getComputedStyle(frame).backgroundImage.includes("gradient") };
      });
      assert.deepEqual(seen, { wider: true, reached: true, shadow: true }, line);
    }
  },

  async a_partner_adds_tierbot_to_their_own_slack_and_removes_it(page, { context }) {
    const found = [];
    await page.getByRole("combobox", { name: "Workspace" }).selectOption("Partner A");
    await page.getByText("tierbot isn't installed in the Slack of Partner A").waitFor();
    assert.equal(await page.getByRole("combobox", { name: /type a command/ }).count(), 0);
    found.push(...(await barriers(page, "not installed")));
    const cancelled = await addToSlack(page, "Cancel");
    await cancelled.getByText("Nothing was installed").waitFor();
    await page.getByText("tierbot isn't installed in the Slack of Partner A").waitFor();
    const tab = await addToSlack(page, "Allow");
    await tab.getByRole("heading", { name: "tierbot is installed" }).waitFor();
    await page.getByRole("tab", { name: "Messages" }).waitFor();
    await type(page, "/tier");
    await button(page, "Link me").last().click();
    await window_(page).getByLabel("Your e-mail, or a code").fill("ana@example.com");
    await window_(page).getByRole("button", { name: "Send", exact: true }).click();
    await window_(page).getByText(/I've passed this to your CAM/).waitFor();
    await leave(page);
    const program = await context.newPage();
    await program.goto(`${url}?as=carla@example.com`);
    await program.getByRole("combobox", { name: "Workspace" }).waitFor();
    await program.getByRole("button", { name: /^Approve/ }).first().click();
    await page.getByText("You're linked.").first().waitFor();
    await type(page, "/tier");
    await page.getByText("420 of 645").first().waitFor();
    await button(page, "Remove tierbot").click();
    await page.getByText("tierbot isn't installed in the Slack of Partner A").waitFor();
    await button(page, "# general").click();
    await type(page, "/tier");
    await page.getByRole("alert").getByText("tierbot isn't installed in the Slack of Partner A: add it first").waitFor();
    await type(program, '/tier "Partner A"');
    await program.getByText("225 points to Platinum").first().waitFor();
    assert.deepEqual(found, []);
  },
});
