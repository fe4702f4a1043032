import assert from "node:assert/strict";
import { h } from "preact";
import { createApp } from "./app.ts";
import { Assets } from "./assets.ts";
import type { AppContext } from "./env.ts";
import type { Manifest } from "./route.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const Island = ({ text }: { text: string }) => h("b", null, text);

let streamCancelled = false;

function testApp(errors: unknown[] = []) {
  const manifest: Manifest = {
    islands: { Island },
    routes: {
      "index.tsx": {
        default: ({ data }) => h("main", null, h(Island, { text: data })),
        load: (c) => c.req.query("text") ?? "hello",
        title: "Test page",
      },
      "named/[name].tsx": {
        default: ({ data }) => h("main", null, data),
        load: (c) => {
          c.status(404);
          return c.req.param("name");
        },
        title: (data) => `Page of ${data}`,
        styles: ["/named.css"],
      },
      "broken.tsx": {
        default: () => {
          throw new Error("Secret of the page");
        },
      },
      "things/[name].ts": {
        GET: (c) => c.json({ name: c.req.param("name"), version: c.get("app").version }),
      },
      "things/special.ts": {
        GET: [
          async (c, next) => {
            await next();
            c.header("x-through", "middleware");
          },
          (c) => c.json({ special: true }),
        ],
        POST: (c) => c.json({ changed: true }),
      },
      "things/fail.ts": {
        GET: () => {
          throw new Error("Secret of the route");
        },
      },
      "endless.ts": {
        GET: () => new Response(new ReadableStream({ cancel: () => void (streamCancelled = true) })),
      },
    },
  };
  const assets = new Assets();
  assets.add("/styles.css", bytes("body{}"));
  assets.add("/dist/client-abc.js", bytes("export {}"));
  const context = { version: "1.2.3" } as AppContext;
  return createApp(context, manifest, { assets, reportError: (error) => errors.push(error) });
}

Deno.test("a file's path is its URL, and a static segment wins over a parameter", async () => {
  const app = testApp();
  assert.deepEqual(await (await app.request("/things/any")).json(), { name: "any", version: "1.2.3" });
  const special = await app.request("/things/special");
  assert.deepEqual(await special.json(), { special: true });
  assert.equal(special.headers.get("x-through"), "middleware");
});

Deno.test("another method is 405 and says what is allowed", async () => {
  const response = await testApp().request("/things/special", { method: "DELETE" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "GET, HEAD, POST, OPTIONS");
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal((await response.json()).status, 405);
});

Deno.test("a parameter does not lend its methods to the static path beside it", async () => {
  const response = await testApp().request("/things/any", { method: "POST" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "GET, HEAD, OPTIONS");
});

Deno.test("HEAD answers like GET without a body, and stops the stream behind it", async () => {
  const response = await testApp().request("/endless", { method: "HEAD" });
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
  assert.equal(streamCancelled, true);
});

Deno.test("an unknown path is a problem document for programs and a page for browsers", async () => {
  const app = testApp();
  const problem = await app.request("/nowhere");
  assert.equal(problem.status, 404);
  assert.deepEqual(await problem.json(), {
    type: "about:blank",
    title: "Not found",
    status: 404,
    instance: "/nowhere",
    detail: "There is nothing at /nowhere",
  });
  const page = await app.request("/no<b>where", { headers: { accept: "text/html,*/*" } });
  assert.equal(page.status, 404);
  assert.match(page.headers.get("content-type")!, /text\/html/u);
  assert.doesNotMatch(await page.text(), /no<b>where/u);
});

Deno.test("an exception is reported, and the client learns nothing of it", async () => {
  const errors: unknown[] = [];
  const app = testApp(errors);
  const html = { headers: { accept: "text/html" } };
  const route = await app.request("/things/fail", html);
  assert.equal(route.status, 500);
  assert.equal(route.headers.get("content-type"), "application/problem+json");
  const page = await app.request("/broken", html);
  assert.equal(page.status, 500);
  assert.match(page.headers.get("content-type")!, /text\/html/u);
  assert.doesNotMatch(await route.text() + await page.text(), /Secret/u);
  assert.equal(errors.length, 2);
});

Deno.test("an island is sent with its props, and no prop can break out of its attribute", async () => {
  const text = `</script>"'><i>&`;
  const response = await testApp().request(`/?text=${encodeURIComponent(text)}`);
  const html = await response.text();
  assert.match(html, /^<!doctype html><html lang="en">/u);
  assert.match(html, /<title>Test page<\/title>/u);
  assert.match(html, /<script type="module" src="\/dist\/client-abc\.js">/u);
  const props = /<island-root name="Island" props="([^"]*)">/u.exec(html)?.[1];
  assert.ok(props, html);
  assert.doesNotMatch(props, /</u);
  const decoded = props.replaceAll("&lt;", "<").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  assert.deepEqual(JSON.parse(decoded), { text });
});

Deno.test("a page can be named by its data, bring a style sheet, and have a status", async () => {
  const response = await testApp().request("/named/x<y");
  assert.equal(response.status, 404);
  const html = await response.text();
  assert.match(html, /<title>Page of x&lt;y<\/title>/u);
  assert.match(html, /href="\/styles\.css[^"]*".*href="\/named\.css"/u);
});

Deno.test("every response forbids inline scripts, frames and sniffing", async () => {
  const app = testApp();
  for (const path of ["/", "/things/any", "/styles.css", "/nowhere", "/things/fail"]) {
    const { headers } = await app.request(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /script-src 'self'(;|$)/u, path);
    assert.match(policy, /frame-ancestors 'none'/u, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
  }
});

Deno.test("static files have a type and a tag, and are kept for ever under a name that holds the tag", async () => {
  const app = testApp();
  const plain = await app.request("/styles.css");
  assert.equal(plain.headers.get("content-type"), "text/css; charset=utf-8");
  assert.equal(plain.headers.get("cache-control"), "public, no-cache");
  assert.equal(await plain.text(), "body{}");
  const tag = plain.headers.get("etag")!.replace("W/", "");
  for (const sent of [`"other", W/${tag}`, tag]) {
    assert.equal((await app.request("/styles.css", { headers: { "if-none-match": sent } })).status, 304);
  }
  const html = await (await app.request("/")).text();
  const named = /href="(\/styles\.css\?v=[^"]+)"/u.exec(html)![1]!;
  assert.match((await app.request(named)).headers.get("cache-control")!, /immutable/u);
  const bundle = await app.request("/dist/client-abc.js");
  assert.match(bundle.headers.get("cache-control")!, /immutable/u);
  assert.equal(bundle.headers.get("content-type"), "text/javascript; charset=utf-8");
});

Deno.test("a static file comes compressed to whoever can read that, and HEAD tells of it", async () => {
  const app = testApp();
  const response = await app.request("/styles.css", { headers: { "accept-encoding": "br, gzip" } });
  assert.equal(response.headers.get("content-encoding"), "gzip");
  const text = response.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(text).text(), "body{}");
  const head = await app.request("/styles.css", { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(head.headers.get("content-type"), "text/css; charset=utf-8");
  assert.equal(await head.text(), "");
});

Deno.test("no spelling of a path climbs out of the static folder", async () => {
  const app = createApp({} as AppContext, { routes: {}, islands: {} });
  for (
    const path of [
      "/../deno.json",
      "/..%2fdeno.json",
      "/%2e%2e/deno.json",
      "//deno.json",
      "/dist/../../deno.json",
    ]
  ) {
    assert.equal((await app.request(path)).status, 404, path);
  }
});

Deno.test("a page of another site cannot ask for a change", async () => {
  const app = testApp();
  const post = (headers: Record<string, string>) =>
    app.request("http://127.0.0.1:8080/things/special", { method: "POST", headers });
  const host = "127.0.0.1:8080";
  assert.equal((await post({ host, "sec-fetch-site": "cross-site" })).status, 403);
  assert.equal((await post({ host, origin: "http://evil.example" })).status, 403);
  assert.equal((await post({ host, origin: "null" })).status, 403);
  assert.equal((await post({ host, "sec-fetch-site": "same-origin", origin: `http://${host}` })).status, 200);
  assert.equal((await post({ host, origin: `http://${host}` })).status, 200);
  assert.equal((await post({})).status, 200);
});
