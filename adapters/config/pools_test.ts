import assert from "node:assert/strict";
import { defaults } from "./defaults.ts";
import { isPoolVenue, type PoolVenue } from "./pools.ts";
import { type Given, problems, readText, settings } from "./testing.ts";

const sushi = `
chains: { 5: { nativeAsset: ETH, blockMs: 12000, tokens: { ETH: "0x${"a".repeat(40)}" } } }
venues:
  sushi:
    enabled: true
    protocol: v2
    chainId: 5
    wsUrl: wss://a
    httpUrl: [https://a, https://b]
    factory: "0x${"B".repeat(40)}"
    feesPpm: [3000]
    gasUnits: 130000
    pools: []
`;

Deno.test("further venues of pools and further chains are settings like those with defaults, in the environment too", () => {
  const { venues, chains } = settings({ yaml: sushi });
  const own = (given: Given) => (settings(given).venues as unknown as Record<string, PoolVenue>).sushi;
  assert.deepEqual(own({ yaml: sushi })!.httpUrl, ["https://a", "https://b"]);
  assert.deepEqual(chains["1"], defaults.chains["1"]);
  assert.deepEqual(venues["uniswap-v3"], defaults.venues["uniswap-v3"]);
  const env = {
    MARKETFLOW_VENUES_SUSHI_HTTPURL: "https://c, https://d",
    MARKETFLOW_VENUES_SUSHI_CHAINID: "1",
    MARKETFLOW_VENUES_SUSHI_FACTORY: `0x${"1".repeat(40)}`,
    MARKETFLOW_CHAINS_5_BLOCKMS: "250",
    MARKETFLOW_VENUES_UNISWAP_V3_WSURL: "wss://mine",
    MARKETFLOW_VENUES_UNISWAP_V2_ENABLED: "false",
  };
  const { httpUrl, chainId, factory } = own({ yaml: sushi, env })!;
  assert.deepEqual(
    [httpUrl, chainId, factory],
    [["https://c", "https://d"], 1, `0x${"1".repeat(40)}`],
  );
  const changed = settings({ yaml: sushi, env });
  assert.equal(changed.chains["5"]!.blockMs, 250);
  assert.deepEqual(changed.venues["uniswap-v3"].wsUrl, ["wss://mine"]);
  assert.equal(changed.venues["uniswap-v2"].enabled, false);
});

Deno.test("what is wrong with chains and venues of pools is said with its path", () => {
  const said = (yaml: string) => problems({ yaml }).sort();
  assert.deepEqual(said("venues: { sushi: { enabled: true, protocol: v2 } }"), [
    "venues.sushi.chainId: Is missing; use a whole number from 1 to 999999999999999",
    "venues.sushi.factory: Is missing; use a contract's address in quotes, 0x and 40 hexadecimal digits",
    "venues.sushi.feesPpm: Is missing; use a list of fees in millionths, for example [500, 3000]",
    "venues.sushi.gasUnits: Is missing; use a number from 0 to 100000000",
    "venues.sushi.httpUrl: Is missing; use an address that begins with http:// or https://, or a list of such",
    "venues.sushi.pools: Is missing; use a list of contracts' addresses",
    "venues.sushi.wsUrl: Is missing; use an address that begins with ws:// or wss://, or a list of such",
  ]);
  assert.match(said(sushi.replace("factory:", "factori:"))[1]!, /^venues\.sushi\.factory: Is missing/);
  assert.match(
    said(sushi.replace("factory:", "factori:"))[0]!,
    /^venues\.sushi\.factori: Unknown setting; known here: enabled, protocol, chainId, wsUrl, httpUrl, /,
  );
  // Without quotes YAML reads a number that no double can hold.
  assert.match(
    said("venues: { uniswap-v3: { factory: 0x1F98431c8aD98523631AE4a59f267346ea31F984 } }")[0]!,
    /^venues\.uniswap-v3\.factory: \d.*a contract's address in quotes/,
  );
  assert.match(
    said("venues: { uniswap-v3: { wsUrl: [] } }")[0]!,
    /^venues\.uniswap-v3\.wsUrl: Is not allowed/,
  );
  for (const yaml of ["https://a/secret", "[wss://a, https://b/secret]", "{ secret: 1 }"]) {
    const [one, ...more] = said(`venues: { uniswap-v3: { wsUrl: ${yaml} } }`);
    assert.match(
      one!,
      /^venues\.uniswap-v3\.wsUrl: Is not allowed as it is; use an address that begins with ws:/,
    );
    assert.doesNotMatch(one!, /secret/, "an address may have a key in it");
    assert.deepEqual(more, []);
  }
  assert.match(said("venues: { uniswap-v3: { httpUrl: [ftp://a] } }")[0]!, /^venues\.uniswap-v3\.httpUrl/);
  assert.deepEqual(said("venues: { uniswap-v3: { chainId: 7 }, uniswap-v2: { feesPpm: [1, 2] } }"), [
    "venues.uniswap-v2.feesPpm: Pools of v2 have one fee, and do not tell it: write exactly one",
    "venues.uniswap-v3.chainId: There is no chain 7: describe it in chains.7, as in config.yaml",
  ]);
  assert.match(said(sushi.replace("sushi:", "Sushi:"))[0]!, /^venues\.Sushi: A venue's name has lower-case/);
  assert.match(
    said("chains: { main: { blockMs: 1 } }")[0]!,
    /^chains\.main: "main" is not allowed; use the number/,
  );
  assert.match(said("chains: { 1: { tokens: { eth: x } } }")[0]!, /^chains\.1\.tokens\.eth: .* use an asset/);
  const twice = `chains: { 1: { tokens: { WETH: "${defaults.chains["1"]!.tokens.ETH!.toLowerCase()}" } } }`;
  assert.match(said(twice)[0]!, /^chains\.1\.tokens: .* each contract for one asset only$/);
  assert.match(
    said(`${sushi}  ndjson: { sources: { sushi: "h:1" } }\n`)[0]!,
    /^venues\.sushi: A source of ndjson has this name, too/,
  );
});

Deno.test("what stands twice in a list of a venue of pools is refused, however it is written", () => {
  const said = (settings: string) => problems({ yaml: `venues: { uniswap-v3: { ${settings} } }` });
  assert.match(said("feesPpm: [500, 3000, 500]")[0]!, /^venues\.uniswap-v3\.feesPpm: .* use each fee once$/);
  const [small, large] = [`"0x${"a".repeat(40)}"`, `"0x${"A".repeat(40)}"`];
  assert.match(
    said(`pools: [${small}, ${large}]`)[0]!,
    /^venues\.uniswap-v3\.pools: .* use each address once$/,
  );
  for (const [key, scheme] of [["wsUrl", "wss"], ["httpUrl", "https"]]) {
    assert.deepEqual(said(`${key}: ["${scheme}://a/key", "${scheme}://A/key"]`), [
      `venues.uniswap-v3.${key}: Names an address twice; use each once`,
    ]);
  }
});

Deno.test("emulated.yaml leads venues of pools to this machine, and those of real chains stay off", () => {
  const { venues, chains } = settings({ yaml: readText("emulated.yaml") });
  const enabled = Object.entries(venues).filter(([, venue]) => isPoolVenue(venue) && venue.enabled);
  assert.deepEqual(enabled.map(([id]) => id), ["uniswap-v2", "uniswap-v3"]);
  for (const [id, venue] of enabled) {
    assert.ok(isPoolVenue(venue));
    for (const url of [venue.wsUrl, venue.httpUrl].flat()) {
      assert.equal(new URL(url).hostname, "127.0.0.1", id);
    }
    assert.ok(!Object.hasOwn(defaults.chains, venue.chainId), `${id} is on a chain of its own`);
    assert.equal(chains[venue.chainId]!.nativeAsset, "ETH");
  }
});
