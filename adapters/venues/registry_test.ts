/** What holds for every venue: the promises of the contract in `_base/venue.ts`, and frames that are broken. */
import assert from "node:assert/strict";
import { fixtureLines, fixtureTest, frameFiles } from "../../tests/fixtures.ts";
import { seeded } from "../../tests/random.ts";
import { isMarketEvent } from "../../tests/replay.ts";
import { Sequencer } from "./_base/sequencer.ts";
import type { Venue, VenueEvent } from "./_base/venue.ts";
import { venues } from "./registry.ts";

/** Where the fixtures of a venue are called otherwise. */
const FOLDERS: Readonly<Record<string, string>> = { gateio: "gate" };

const KINDS: ReadonlySet<string> = new Set<VenueEvent["kind"]>([
  "top",
  "snapshot",
  "delta",
  "accepted",
  "refused",
  "alive",
  "closing",
  "malformed",
]);

for (const [id, venue] of Object.entries(venues)) {
  Deno.test(`${id} is registered under its own id`, () => {
    assert.equal(venue.id, id);
  });

  Deno.test(`${id} mapper does not stumble over objects that cannot become text`, () => {
    const odd = '{"toString":1,"valueOf":2}';
    for (const outer of ["event", "op", "channel", "method", "error", "arg", "code", "success"]) {
      for (
        const value of [
          '"error"',
          '"notice"',
          '"subscribe"',
          "false",
          `{"code":${odd},"message":${odd}}`,
          odd,
        ]
      ) {
        const rest =
          `"code":${odd},"msg":${odd},"ret_msg":${odd},"id":${odd},"req_id":${odd},"symbol":${odd}`;
        venue.map(`{${rest},"success":false,"event":"subscribe","${outer}":${value}}`, (event) => {
          assert.ok(event.kind !== "accepted");
        });
      }
    }
  });

  Deno.test(`${id} subscribes and unsubscribes full requests within its limit of characters`, () => {
    const { topicsPerRequest, charactersPerRequest } = venue.limits;
    const topics = Array.from(
      { length: topicsPerRequest },
      (_, i) => venue.topic(venue.instruments.venueSymbol(`1000000LONGNAME${i}-USDT`)),
    );
    for (const frame of [venue.subscribe(topics, "123", 5000), venue.unsubscribe(topics, "123", 5000)]) {
      assert.ok(frame.length <= charactersPerRequest, `${frame.length} characters`);
      JSON.parse(frame);
    }
  });

  Deno.test(`${id} mapper understands no text that is not its own`, () => {
    for (const frame of ["", "0", "null", "[]", "{}", '""', "{", "\u0000", "x".repeat(100_000)]) {
      const kinds: string[] = [];
      venue.map(frame, (event) => kinds.push(event.kind));
      assert.deepEqual(kinds, ["malformed"], frame.slice(0, 20));
    }
  });

  fixtureTest(`${id} survives recorded frames that were cut, flipped and patched`, () => {
    const folder = FOLDERS[id] ?? id;
    for (const file of frameFiles(folder)) {
      fuzz(venue, fixtureLines(folder, file).slice(0, 400), `${id} ${file}`);
    }
  });
}

Deno.test("subscriptions name what the venues document", () => {
  const frames = Object.entries({ bybit: "AUSDT", okx: "A-USDT", gateio: "A_USDT", kraken: "A/USDT" })
    .map(([id, name]) =>
      JSON.parse(venues[id]!.subscribe([venues[id]!.topic(name)], "7", 1_790_000_000_500))
    );
  assert.deepEqual(frames, [
    { op: "subscribe", args: ["orderbook.1.AUSDT"], req_id: "7" },
    { id: "7", op: "subscribe", args: [{ channel: "bbo-tbt", instId: "A-USDT" }] },
    { time: 1_790_000_000, id: 7, channel: "spot.book_ticker", event: "subscribe", payload: ["A_USDT"] },
    {
      method: "subscribe",
      params: { channel: "book", symbol: ["A/USDT"], depth: 10, snapshot: true },
      req_id: 7,
    },
  ]);
});

Deno.test("heartbeats are what the venues document", () => {
  const frames = Object.values(venues).map((venue) => venue.ping.frame("7", 1_790_000_000_500));
  assert.deepEqual(frames, [
    '{"op":"ping","req_id":"7"}',
    "ping",
    '{"time":1790000000,"id":7,"channel":"spot.ping"}',
    '{"method":"ping","req_id":7}',
  ]);
});

/**
 * Plays a recording with some frames damaged. Whatever the damage is, the mapper says something that the contract
 * knows, nothing throws, and what gets through as a quote are four finite numbers above zero with bid below ask.
 */
function fuzz(venue: Venue, frames: readonly string[], name: string): void {
  for (let seed = 1; seed <= 40; seed++) {
    const random = seeded(seed);
    const sequencer = new Sequencer({ checksum: venue.checksum });
    for (const [index, frame] of frames.entries()) {
      const sent = random() < 0.5 ? damaged(frame, random) : frame;
      const where = `${name}:${index + 1}, seed ${seed}: ${sent.slice(0, 500)}`;
      try {
        venue.map(sent, (event) => {
          assert.ok(KINDS.has(event.kind));
          if (!isMarketEvent(event)) return;
          assert.ok(event.venueSymbol !== "" && event.topic !== "");
          const result = sequencer.take(event);
          if (result.kind !== "top") return;
          const { bid, bidSize, ask, askSize } = result;
          assert.ok([bid, bidSize, ask, askSize].every((value) => value > 0 && value < Infinity));
          assert.ok(bid < ask);
        });
      } catch (error) {
        throw new Error(`Damaged frame ${where}`, { cause: error });
      }
    }
  }
}

const PATCHES = [
  "NaN",
  "null",
  "-1",
  "0",
  "1e999",
  '""',
  "[]",
  "{}",
  "-",
  ".",
  "9".repeat(30),
  '"',
  "}",
  ",",
];

/** One to three changes: a bit flipped, a piece cut out, a piece repeated, or something put in a number's place. */
function damaged(frame: string, random: () => number): string {
  let text = frame;
  const below = (limit: number) => Math.floor(random() * limit);
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(text.length + 1);
    const end = at + below(8);
    const flipped = String.fromCharCode((text.charCodeAt(at) || 32) ^ (1 << below(7)));
    const patch = PATCHES[below(PATCHES.length)]!;
    switch (below(6)) {
      case 0:
        text = text.slice(0, at) + flipped + text.slice(at + 1);
        break;
      case 1:
        text = text.slice(0, at) + text.slice(end);
        break;
      case 2:
        text = text.slice(0, end) + text.slice(at);
        break;
      case 3:
        text = text.slice(0, at);
        break;
      case 4:
        text = text.slice(0, at) + patch + text.slice(at);
        break;
      default:
        text = replaceNumber(text, below(60), patch);
    }
  }
  return text;
}

/** Puts `patch` in the place of the `nth` number, so that most of the damage passes as JSON. */
function replaceNumber(text: string, nth: number, patch: string): string {
  let seen = 0;
  return text.replace(/\d+(?:\.\d+)?/g, (number) => seen++ === nth ? patch : number);
}
