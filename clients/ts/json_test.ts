import assert from "node:assert/strict";
import { json } from "./json.ts";

Deno.test("a kind of message that is not known is passed over", () => {
  assert.equal(
    json.decode('{"sequence":1,"weather":{"rain":true}}'),
    undefined,
  );
});

Deno.test("what does not filter is left out of a filter", () => {
  assert.deepEqual(
    json.decode(
      '{"subscribed":{"symbol":"BTC-USDT","exchange":null,"minNetBps":0}}',
    ),
    {
      sequence: 0,
      kind: "subscribed",
      filter: { symbol: "BTC-USDT", minNetBps: 0 },
    },
  );
});

Deno.test("a quote of a pool has the same fields as in protobuf", () => {
  const pool = { address: "0x1", feePpm: 3000, blockNumber: 1, blockTime: 2 };
  const quote = {
    exchange: "uniswap-v3",
    symbol: "ETH-USDT",
    pool: { ...pool, blockAgeMs: 3 },
  };
  const message = json.decode(
    JSON.stringify({
      sequence: 1,
      quoteUpdate: { quotes: [quote], withdrawn: [] },
    }),
  );
  assert.ok(message?.kind === "quoteUpdate");
  assert.deepEqual(message.quotes, [{ ...quote, pool }]);
});

Deno.test("what is no message of MarketFlow is an error that says why", () => {
  const rubbish: [unknown, RegExp][] = [
    [new ArrayBuffer(1), /binary/u],
    ["", /JSON/u],
    ["{", /JSON/u],
    ["[]", /no object/u],
    ["null", /no object/u],
    ['{"sequence":"x","heartbeat":{}}', /sequence/u],
    ['{"opportunityUpdate":7}', /opportunityUpdate is no object/u],
    ['{"opportunityUpdate":{"id":7}}', /no id/u],
    ['{"opportunitySnapshot":{"mode":"test"}}', /list/u],
    ['{"opportunitySnapshot":{"mode":"dry","opportunities":[]}}', /mode/u],
    [
      '{"quoteUpdate":{"quotes":[{"exchange":"okx"}],"withdrawn":[]}}',
      /no symbol/u,
    ],
    ['{"quoteUpdate":{"quotes":[],"withdrawn":[null]}}', /no object/u],
  ];
  for (const [frame, why] of rubbish) {
    assert.throws(() => json.decode(frame), why, String(frame));
  }
});
