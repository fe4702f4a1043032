/** The pages under emulated.yaml, in a real Chromium: pools of a real chain among the exchanges. */
import assert from "node:assert/strict";
import type { Opportunity } from "../../core/domain/opportunity.ts";
import { emulatedConfig, withoutSources } from "../program/emulated.ts";
import { freeze, type Stage, stageOf, standing, thaw, versionOf } from "../program/execution.ts";
import { type Exchanges, startExchangesWithChain } from "../program/exchanges.ts";
import { until } from "../program/process.ts";
import { type Program, startProgram } from "../program/program.ts";
import { anvilTest } from "../tools/anvil.ts";
import type { Browser, Page } from "../tools/playwright.ts";
import { chromiumIsThere, launchChromium } from "./chromium.ts";
import { eventually, openPage } from "./page.ts";

const withoutBrowser = !chromiumIsThere();

/** Between a pool and an exchange. */
const mixed = ({ buyExchange, sellExchange }: Opportunity) =>
  (versionOf(buyExchange) === undefined) !== (versionOf(sellExchange) === undefined);

const keyOf = ({ symbol, buyExchange, sellExchange }: Opportunity) =>
  `${symbol} ${buyExchange} ${sellExchange}`;

interface ShownRow {
  costs: Record<string, number>;
  profit: number;
  net: number;
}

function shownRow(page: Page, route: string): Promise<ShownRow | undefined> {
  return page.$$eval("tbody tr:not(.closed)", (rows, route) => {
    const row = rows.find((one) => one.dataset.route === route);
    if (row === undefined) return undefined;
    const number = (element: Element | null) => parseFloat(element!.textContent!.replaceAll(",", ""));
    const costs = [...row.querySelectorAll(".costs div")].map((one) =>
      [one.querySelector("dt")!.textContent!, number(one.querySelector("dd"))] as const
    );
    return {
      costs: Object.fromEntries(costs),
      profit: number(row.querySelector(".col-profit")),
      net: number(row.querySelector(".col-net strong")),
    };
  }, route);
}

/** Lets the market stand while an opportunity with a pool is open, and gives those that are. */
async function standingMixed(stage: Stage): Promise<Opportunity[]> {
  const found = await until("the market stands while a pool and an exchange meet", async () => {
    await until("one is open", async () => (await stage.program.opportunities()).some(mixed));
    await freeze(stage);
    const open = (await standing(stage)).filter(mixed);
    if (open.length > 0) return open;
    await thaw(stage);
    return undefined;
  });
  return found!;
}

async function withPage(
  path: string,
  run: (page: Page, stage: Stage) => Promise<void>,
): Promise<void> {
  await using exchanges: Exchanges = await startExchangesWithChain("--block-ms", "1000");
  const config = withoutSources(emulatedConfig(exchanges));
  await using program: Program = await startProgram(config);
  const stage = await stageOf(exchanges, program, config);
  const browser: Browser = await launchChromium();
  try {
    await using open = await openPage(browser, program.url + path, { reducedMotion: "reduce" });
    await open.page.waitForSelector(".connection[data-state=live]");
    await run(open.page, stage);
    assert.deepEqual(open.complaints, []);
  } finally {
    await browser.close();
  }
}

function browserTest(name: string, run: () => Promise<void>): void {
  if (withoutBrowser) Deno.test({ name: `${name} (skipped: there is no Chromium)`, ignore: true, fn: run });
  else anvilTest(name, run);
}

browserTest(
  "an opportunity between a pool and an exchange appears with its fees, impact and gas",
  async () => {
    await withPage("/", async (page, stage) => {
      for (const one of await standingMixed(stage)) {
        const route = keyOf(one);
        await eventually(`${route} is shown as the API has it`, async () => {
          const row = await shownRow(page, route);
          if (row === undefined) return false;
          const { costs, profit, net } = row;
          assert.deepEqual(Object.keys(costs), ["Fees", "Impact", "Gas"]);
          const shown = [costs.Fees, costs.Impact, costs.Gas, profit];
          const told = [one.feesQuote, one.impactQuote, one.gasQuote, one.profitQuote];
          return shown.every((value, n) => Math.abs(value! - told[n]!) <= 0.0051) &&
            Math.abs(net - one.netBps) <= 0.051;
        });
      }
    });
  },
);

browserTest("the page of a pair names pool, fee tier, block and age, and follows the blocks", async () => {
  await withPage("/pairs/ETH-USDT", async (page, { exchanges, trader }) => {
    /** Undefined while it has no quote, as where a block is late. Read at once: the best pool may become another. */
    const shown = async (exchange: string) => {
      const [text, address] = await page.$eval(`.quotes tr[data-exchange=${exchange}]`, (row) => {
        return [(row as HTMLElement).innerText, row.querySelector(".pool [title]")?.getAttribute("title")];
      });
      if (!text!.includes("0x")) return undefined;
      const said = /0x\S+ · (\S+) % · block ([\d,]+) · (?:\d+ m )?\d+ s old/u.exec(text!);
      assert.ok(said, text!);
      return { address, feePpm: Number(said[1]) * 10_000, block: Number(said[2]!.replaceAll(",", "")) };
    };
    const { block } = await exchanges.control<{ block: { pools: { name: string; address: string }[] } }>(
      "GET",
      "/chain",
    );
    for (const exchange of ["uniswap-v2", "uniswap-v3"]) {
      await page.waitForSelector(`.quotes tr[data-exchange=${exchange}] .pool`);
      const from = await trader.blockNumber();
      let last: Awaited<ReturnType<typeof shown>>;
      await eventually("the blocks are followed", async () => {
        last = await shown(exchange);
        return last !== undefined && last.block > from + 1;
      });
      const { address, feePpm, block: number } = last!;
      const pool = block.pools.find((one) => one.address === address);
      assert.equal(pool?.name, `${exchange} WETH-USDT ${feePpm}`);
      assert.ok(number <= await trader.blockNumber(), `Block ${number} is not of the future`);
    }
  });
});
