/** The page behind a token, which a real Chromium has from its user; and pages of other sites, which have nothing of it. */
import assert from "node:assert/strict";
import { browserTests } from "./browser_tests.ts";
import { eventually, openPage, shownRows } from "./page.ts";
import { startProgram } from "./program.ts";

const READ = "read-token-of-the-test";
const ADMIN = "admin-token-of-the-test";
const USER = { httpCredentials: { username: "anybody", password: READ } };

const { shared, browserTest } = browserTests(() =>
  startProgram(0, { MARKETFLOW_SERVER_READTOKEN: READ, MARKETFLOW_SERVER_ADMINTOKEN: ADMIN })
);

browserTest("without the token a browser sees nothing but that one is needed", async () => {
  const context = await shared.browser.newContext();
  const page = await context.newPage();
  // Its window for name and password is answered with nothing.
  await assert.rejects(page.goto(shared.program.url), /ERR_INVALID_AUTH_CREDENTIALS/u);
  await context.close();
});

browserTest(
  "what its user gave once a browser sends along with everything: scripts, streams and WebSockets",
  async () => {
    await using open = await openPage(shared.browser, shared.program.url, USER);
    const { page } = open;
    await eventually("the stream fills the table", async () => (await shownRows(page)).length > 0);
    const before = (await shownRows(page)).map(({ text }) => text).join();
    await eventually(
      "it moves",
      async () => (await shownRows(page)).map(({ text }) => text).join() !== before,
    );
    const message = await page.evaluate(() =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/opportunities/ws`, "marketflow.v1.json");
        socket.onmessage = ({ data }) => {
          resolve(String(data));
          socket.close();
        };
        socket.onerror = () => resolve("refused");
      })
    );
    assert.match(message, /^\{/u);
    assert.deepEqual(open.complaints, []);
  },
);

browserTest("a change asks the page and not the browser for the other token", async () => {
  await using open = await openPage(shared.browser, shared.program.url, USER);
  const post = (token?: string) =>
    open.page.evaluate(async (authorization) => {
      const headers: HeadersInit = authorization === undefined ? {} : { authorization };
      return (await fetch("/mode/test", { method: "POST", headers })).status;
    }, token);
  assert.equal(await post(), 401);
  assert.equal(await post(`Bearer ${ADMIN}`), 200);
  assert.equal(
    await open.page.evaluate(async () => (await fetch("/mode")).status),
    200,
    "it still has the first",
  );
});

browserTest(
  "a page of another site reads nothing, changes nothing and opens nothing with what the browser keeps",
  async () => {
    await using foreign = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () =>
        new Response("<!doctype html><title>Foreign</title>", { headers: { "content-type": "text/html" } }),
    );
    const context = await shared.browser.newContext(USER);
    try {
      const own = await context.newPage();
      assert.equal((await own.goto(shared.program.url))!.status(), 200);
      const page = await context.newPage();
      // Another port is another origin, yet the same site: the nearest that a foreign page can get.
      await page.goto(`http://127.0.0.1:${foreign.addr.port}/`);
      const seen = await page.evaluate(async (url) => {
        const attempt = (init: RequestInit, path = "/mode") =>
          fetch(url + path, init).then(({ type, status }) => `${type} ${status}`, () => "refused");
        const socket = new Promise<string>((resolve) => {
          const one = new WebSocket(`${url.replace("http", "ws")}/opportunities/ws`, "marketflow.v1.json");
          one.onopen = () => resolve("open");
          one.onerror = () => resolve("refused");
        });
        const events = new Promise<string>((resolve) => {
          const one = new EventSource(`${url}/opportunities/stream`, { withCredentials: true });
          one.onopen = () => resolve("open");
          one.onerror = () => resolve("refused");
        });
        return {
          read: await attempt({ credentials: "include" }),
          change: await attempt({ method: "POST", credentials: "include" }, "/mode/live"),
          simple: await attempt({ method: "POST", mode: "no-cors", credentials: "include" }, "/mode/live"),
          socket: await socket,
          events: await events,
        };
      }, shared.program.url);
      assert.deepEqual(seen, {
        read: "refused",
        change: "refused",
        simple: "refused",
        socket: "refused",
        events: "refused",
      });
      const { mode } =
        await (await fetch(`${shared.program.url}/mode`, { headers: { authorization: `Bearer ${READ}` } }))
          .json();
      assert.equal(mode, "test");
    } finally {
      await context.close();
    }
  },
);
