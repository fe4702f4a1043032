import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { sql } from "../../tests/archive/archives.ts";
import { bar, episode, LONG_AGO, minuteOf } from "../../tests/archive/records.ts";
import { Outbox } from "./outbox.ts";
import { OutboxError } from "./outbox_error.ts";
import { type Kept, keptOf, keyOf } from "./records.ts";

async function inFolder(test: (file: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/outbox.sqlite`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const minutes = (...bars: Parameters<typeof bar>[]): Kept[] =>
  keptOf({ minutes: bars.map((args) => bar(...args)), episodes: [] });

Deno.test("outbox gives back what was appended, in order, also after it was opened anew", async () => {
  await inFolder((file) => {
    const outbox = new Outbox(file, 100);
    const first = keptOf({ minutes: [bar("BTC-USDT"), bar("ETH-USDT")], episodes: [episode("a")] });
    const second = minutes(["BTC-USDT", 0, 2]);
    assert.equal(outbox.append(first), 0);
    outbox.append(second);
    assert.deepEqual(outbox.peek(10).records, [...first, ...second]);
    assert.equal(outbox.oldestTime(), LONG_AGO + 60_000);
    outbox.remove(outbox.peek(2).through, []);
    assert.equal(outbox.records, 2);
    outbox.close();

    const again = new Outbox(file, 100);
    assert.equal(again.records, 2);
    assert.deepEqual(again.peek(10).records, [first[2], ...second]);
    again.remove(again.peek(10).through, []);
    assert.deepEqual([again.records, again.oldestTime(), again.peek(10).records], [0, null, []]);
    again.close();
  });
});

Deno.test("outbox gives back episodes that an earlier version left, all of their costs as fees", async () => {
  await inFolder((file) => {
    const left = new Outbox(file, 100);
    left.append(keptOf({ minutes: [bar("BTC-USDT")], episodes: [episode("a"), episode("b")] }));
    left.close();
    const db = new DatabaseSync(file);
    for (const moment of ["start", "peak", "end"]) {
      const costs = ["fees", "impact", "gas"].map((cost) => `'$.${moment}.${cost}Quote'`);
      db.exec(`UPDATE records SET body = json_remove(body, ${costs}) WHERE key = 'a'`);
    }
    db.close();
    const [{ body }] = sql(file, "SELECT body FROM records WHERE key = 'a'") as [{ body: string }];
    assert.doesNotMatch(body, /feesQuote|impactQuote|gasQuote/u);

    const outbox = new Outbox(file, 100);
    const { records } = outbox.peek(10);
    outbox.close();
    const was = episode("a");
    // 10,000 bps of 3, of which 2.5 were left.
    const costs = { feesQuote: 0.5, impactQuote: 0, gasQuote: 0 };
    const whole = {
      ...was,
      start: { ...was.start, ...costs },
      peak: { ...was.peak, ...costs },
      end: { ...was.end, ...costs },
    };
    assert.deepEqual(records, keptOf({ minutes: [bar("BTC-USDT")], episodes: [whole, episode("b")] }));
  });
});

Deno.test("outbox drops the oldest beyond its bound, but nothing that is on its way", async () => {
  await inFolder((file) => {
    const outbox = new Outbox(file, 4);
    outbox.append(minutes(["A-X"], ["B-X"], ["C-X"]));
    const { through } = outbox.peek(1);
    assert.equal(outbox.append(minutes(["D-X"], ["E-X"], ["F-X"])), 2);
    assert.deepEqual(symbolsOf(outbox), ["A-X", "D-X", "E-X", "F-X"]);
    outbox.putBack();
    assert.equal(outbox.append(minutes(["G-X"])), 1);
    assert.deepEqual(symbolsOf(outbox), ["D-X", "E-X", "F-X", "G-X"]);
    outbox.remove(through, []);
    assert.equal(outbox.records, 4);
    outbox.close();
  });
});

Deno.test("outbox leaves the running minute to be taken over, and makes records of those that were cut", async () => {
  await inFolder((file) => {
    const before = new Outbox(file, 100);
    before.checkpoint(minuteOf(3, 0));
    before.checkpoint([bar("BTC-USDT", 0), bar("BTC-USDT", 1)]);
    before.close();
    const outbox = new Outbox(file, 100);
    const running = LONG_AGO + 60_000;
    assert.deepEqual(outbox.takeOver(running), [bar("BTC-USDT", 1)]);
    const cut = { ...bar("BTC-USDT", 0), complete: false };
    assert.deepEqual(outbox.peek(10).records, [{ kind: "minute", body: cut }]);
    assert.deepEqual(outbox.takeOver(running), [bar("BTC-USDT", 1)], "It stays until the next checkpoint");
    assert.equal(outbox.records, 1);
    outbox.close();
  });
});

Deno.test("a minute that was kept is never replaced by its own checkpoint", async () => {
  await inFolder((file) => {
    const outbox = new Outbox(file, 100);
    outbox.checkpoint([bar("BTC-USDT", 0), bar("ETH-USDT", 0)]);
    outbox.append(minutes(["BTC-USDT", 0, 2]));
    outbox.takeOver(undefined);
    const kept = outbox.peek(10).records.map(({ body }) => body);
    assert.deepEqual(kept, [bar("BTC-USDT", 0, 2), { ...bar("ETH-USDT", 0), complete: false }]);
    outbox.close();
  });
});

Deno.test("outbox belongs to one process, and says so to the next", async () => {
  await inFolder((file) => {
    const first = new Outbox(file, 100);
    assert.throws(() => new Outbox(file, 100), { trouble: "inUse", message: /give each its own dataDir/ });
    first.append(minutes(["BTC-USDT"]));
    first.close();
    const second = new Outbox(file, 100);
    assert.equal(second.records, 1);
    second.close();
  });
});

Deno.test("outbox says what is wrong with a file or folder that it cannot use", async () => {
  await inFolder((file) => {
    assert.throws(() => new Outbox(`${file}/none/outbox.sqlite`, 100), { trouble: "broken" });
    Deno.writeTextFileSync(file, "This is no database. ".repeat(1_000));
    assert.throws(() => new Outbox(file, 100), { trouble: "corrupt" });
    Deno.removeSync(file);
    const outbox = new Outbox(file, 100);
    outbox.append(minutes(["BTC-USDT"]));
    outbox.close();
    const bytes = Deno.readFileSync(file);
    Deno.writeFileSync(file, bytes.fill(0x55, 4_096));
    assert.throws(() => {
      const broken = new Outbox(file, 100);
      try {
        broken.peek(10);
      } finally {
        broken.close();
      }
    }, (error) => error instanceof OutboxError && error.trouble === "corrupt");
  });
});

Deno.test("outbox is a small file again when it is empty", async () => {
  await inFolder((file) => {
    const outbox = new Outbox(file, 1_000_000);
    for (let minute = 0; minute < 60; minute++) {
      outbox.append(keptOf({ minutes: minuteOf(1_000, minute), episodes: [] }));
    }
    assert(Deno.statSync(file).size > 20e6);
    for (let left = 60; left > 0; left--) outbox.remove(outbox.peek(1_000).through, []);
    while (outbox.shrink());
    outbox.close();
    assert.equal(outbox.records, 0);
    assert(Deno.statSync(file).size < 6e6, `${Deno.statSync(file).size} bytes`);
  });
});

Deno.test("records that the history refused are put aside with the reason", async () => {
  await inFolder((file) => {
    const outbox = new Outbox(file, 100);
    const records = minutes(["A-X"], ["B-X"]);
    outbox.append(records);
    outbox.remove(outbox.peek(10).through, [{ record: records[1]!, error: "No" }]);
    outbox.probe();
    assert.deepEqual([outbox.records, outbox.rejected], [0, 1]);
    outbox.close();
    const again = new Outbox(file, 100);
    assert.equal(again.rejected, 1);
    again.close();
    const [row] = sql(file, "SELECT kind, key, body, error FROM rejected");
    const body = JSON.stringify(records[1]!.body);
    assert.deepEqual({ ...row }, { kind: "minute", key: keyOf(records[1]!), body, error: "No" });
  });
});

function symbolsOf(outbox: Outbox): string[] {
  const { records } = outbox.peek(100);
  outbox.putBack();
  return records.map(({ kind, body }) => kind === "episode" ? body.id : body.symbol);
}
