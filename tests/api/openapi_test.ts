import assert from "node:assert/strict";
import { z } from "zod";
import { manifest } from "../../ui/manifest.gen.ts";
import { METHODS, type RouteModule, routePath } from "../../ui/route.ts";
import { openProgram } from "./program.ts";

// deno-lint-ignore no-explicit-any
type Json = any;

async function described(program: ReturnType<typeof openProgram>): Promise<Json> {
  const { status, body } = await program.get("/openapi.json");
  assert.equal(status, 200);
  return body;
}

/** Every object inside a document, with its place. */
function* walk(value: Json, at = "#"): Generator<[string, Json]> {
  if (typeof value !== "object" || value === null) return;
  yield [at, value];
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, `${at}/${key}`);
}

Deno.test("the description is OpenAPI 3.1 and every reference in it leads somewhere", async () => {
  await using program = openProgram();
  const document = await described(program);
  assert.match(document.openapi, /^3\.1\./u);
  assert.equal(document.info.version, program.market.version);
  let references = 0;
  for (const [at, { $ref }] of walk(document)) {
    if ($ref === undefined) continue;
    references++;
    let target = document;
    for (const key of $ref.replace("#/", "").split("/")) target = target?.[key];
    assert.ok(target, `${at} refers to ${$ref}, which is not there`);
  }
  assert.ok(references > 10);
});

Deno.test("every route of the API is described, and nothing else", async () => {
  await using program = openProgram();
  const document = await described(program);
  const expected = Object.entries(manifest.routes)
    .filter(([file]) => file.endsWith(".ts") && !file.startsWith("docs/"))
    .flatMap(([file, module]) =>
      METHODS.filter((method) => (module as RouteModule)[method])
        .map((method) => `${method} ${routePath(file).replace(/:(\w+)/gu, "{$1}")}`)
    );
  const actual = Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  );
  assert.deepEqual(actual.sort(), expected.sort());
  for (
    const route of ["GET /prices/latest/{exchange}/{symbol}", "GET /opportunities/stream", "POST /mode/live"]
  ) {
    assert.ok(actual.includes(route), route);
  }
});

Deno.test("every operation has a name of its own, a summary, described answers and described parameters", async () => {
  await using program = openProgram();
  const names = new Set<string>();
  for (const [path, methods] of Object.entries<Json>((await described(program)).paths)) {
    for (const [method, operation] of Object.entries<Json>(methods)) {
      const at = `${method} ${path}`;
      assert.ok(operation.summary, at);
      assert.ok(!names.has(operation.operationId), `${at} shares its name`);
      names.add(operation.operationId);
      assert.ok(operation.responses["101"] ?? operation.responses["200"].content, at);
      for (const response of Object.values<Json>(operation.responses)) assert.ok(response.description, at);
      const parameters: Json[] = operation.parameters ?? [];
      for (const { name, description } of parameters) assert.ok(description, `${at} ${name}`);
      const inPath = parameters.filter((one) => one.in === "path").map((one) => one.name).sort();
      assert.deepEqual(inPath, [...path.matchAll(/\{(\w+)\}/gu)].map((match) => match[1]).sort(), at);
    }
  }
});

Deno.test("every answer is as the description says, problems included", async () => {
  await using program = openProgram({ live: [] });
  await program.quote("bybit", "BTC-USDT", 99.9, 100);
  await program.quote("okx", "BTC-USDT", 101, 101.1);
  const document = await described(program);
  const cases: [path: string, of: string, method?: "GET" | "POST", headers?: Record<string, string>][] = [
    ["/prices/latest/BTC-USDT", "/prices/latest/{symbol}"],
    ["/prices/latest/ABC", "/prices/latest/{symbol}"],
    ["/prices/latest/okx/BTC-USDT", "/prices/latest/{exchange}/{symbol}"],
    ["/prices/latest/okx/ETH-USDT", "/prices/latest/{exchange}/{symbol}"],
    ["/prices/highest/BTC-USDT?period=5m", "/prices/highest/{symbol}"],
    ["/prices/highest/BTC-USDT?period=x", "/prices/highest/{symbol}"],
    ["/prices/highest/ABC", "/prices/highest/{symbol}"],
    ["/prices/lowest/okx/BTC-USDT?period=5m", "/prices/lowest/{exchange}/{symbol}"],
    ["/prices/lowest/nowhere/BTC-USDT", "/prices/lowest/{exchange}/{symbol}"],
    ["/prices/lowest/ETH-USDT", "/prices/lowest/{symbol}"],
    ["/prices/average/BTC-USDT?period=5m", "/prices/average/{symbol}"],
    ["/prices/average/okx/ETH-USDT", "/prices/average/{exchange}/{symbol}"],
    ["/prices/history/BTC-USDT", "/prices/history/{symbol}"],
    ["/prices/history/BTC-USDT?from=x", "/prices/history/{symbol}"],
    ["/prices/history/ABC", "/prices/history/{symbol}"],
    ["/prices/recent/okx/BTC-USDT", "/prices/recent/{exchange}/{symbol}"],
    ["/prices/recent/okx/BTC-USDT?seconds=0", "/prices/recent/{exchange}/{symbol}"],
    ["/prices/recent/okx/ABC", "/prices/recent/{exchange}/{symbol}"],
    ["/opportunities/history?cursor=x", "/opportunities/history"],
    ["/opportunities", "/opportunities"],
    ["/opportunities?limit=x", "/opportunities"],
    ["/opportunities/stream?minNetBps=x", "/opportunities/stream"],
    ["/mode", "/mode"],
    ["/mode/test", "/mode/test", "POST"],
    ["/mode/live", "/mode/live", "POST", { "sec-fetch-site": "cross-site" }],
    ["/health", "/health"],
    ["/venues", "/venues"],
    ["/mode/live", "/mode/live", "POST"],
    // No venue is left in this mode.
    ["/health", "/health"],
  ];
  const seen = new Set<string>();
  for (const [path, of, method = "GET", headers = {}] of cases) {
    const { status, headers: received, body } = await program.get(path, { method, headers });
    const response = document.paths[of][method.toLowerCase()].responses[status];
    assert.ok(response, `${method} ${path} answers ${status}, which is not described`);
    const type = received.get("content-type")!.split(";")[0]!;
    const schema = response.content[type]?.schema;
    assert.ok(schema, `${method} ${path} answers ${type}, which is not described`);
    const { success, error } = compile(document, schema).safeParse(body);
    assert.ok(success, `${method} ${path}: ${error?.message}\n${JSON.stringify(body)}`);
    seen.add(`${of} ${status}`);
  }
  assert.equal(seen.size, cases.length, "Two cases got the same kind of answer");
});

Deno.test("every example fits its schema", async () => {
  await using program = openProgram();
  const document = await described(program);
  let examples = 0;
  for (const [name, schema] of Object.entries<Json>(document.components.schemas)) {
    for (const example of schema.examples ?? []) {
      const { success, error } = compile(document, schema).safeParse(example);
      assert.ok(success, `${name}: ${error?.message}`);
      examples++;
    }
  }
  assert.ok(examples >= 5);
});

/** The described schema as a check of its own, away from the schemas that the description was made of. */
function compile(document: Json, schema: Json): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll("#/components/schemas/", "#/$defs/")));
}

Deno.test("the documentation page brings all its files itself and no script inside", async () => {
  await using program = openProgram();
  const page = await program.app.request("/docs");
  assert.equal(page.status, 200);
  const html = await page.text();
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/gu)].map((match) => match[1]!);
  assert.ok(files.length >= 4);
  for (const file of files) {
    assert.ok(file.startsWith("/"), `${file} is not ours`);
    const response = await program.app.request(file);
    assert.equal(response.status, 200, file);
    const type = response.headers.get("content-type")!;
    const wanted = {
      css: "text/css",
      js: "text/javascript",
      json: "application/json",
      svg: "image/svg+xml",
    }[file.split(".").at(-1)!]!;
    assert.ok(type.startsWith(wanted), `${file} is ${type}`);
    assert.notEqual(await response.text(), "");
  }
  assert.doesNotMatch(html, /<script>|<style|style=|onload/u);
});
