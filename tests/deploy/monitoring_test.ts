/** Alert rules and the dashboard: Prometheus understands them, and they ask for nothing that the program does not say. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { openProgram } from "../api/program.ts";
import { promtool, promtoolIsMissing } from "../promtool.ts";

const FOLDER = new URL("../../deploy/", import.meta.url);
const fileOf = (name: string) => new URL(name, FOLDER).pathname;
const textOf = (name: string) => Deno.readTextFileSync(fileOf(name));

interface Rule {
  alert: string;
  expr: string;
}
const rules: Rule[] = parse(textOf("prometheus/alerts.yaml")).groups.flatMap((group: { rules: Rule[] }) =>
  group.rules
);
const panels: { title: string; targets?: { expr: string }[] }[] =
  JSON.parse(textOf("grafana/marketflow.json")).panels;
const questions: [where: string, expr: string][] = [
  ...rules.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }): [string, string] => [title, expr.replaceAll("$__rate_interval", "5m")])
  ),
];
/** What Prometheus adds. */
const ADDED = ["instance", "job"];

/** Labels by metric, as the program has them. */
async function described(): Promise<Map<string, Set<string>>> {
  await using program = openProgram();
  await program.quote("okx", "BTC-USDT", 99, 100);
  // Not there before the first frame.
  program.telemetry("okx").lastFrameTime = Date.now();
  const metrics = new Map<string, Set<string>>([["up", new Set()]]);
  for (const line of (await (await program.app.request("/metrics")).text()).split("\n")) {
    const [, name, labels = ""] = /^(\w+)(?:\{(.*)\})? /u.exec(line) ?? [];
    if (name !== undefined) {
      metrics.set(
        name,
        new Set([...labels.matchAll(/(\w+)="/gu)].map(([, key]) => key!)),
      );
    }
  }
  return metrics;
}

Deno.test("every metric and label that an alert or a panel asks for is there", async () => {
  const metrics = await described();
  const asked = new Set<string>();
  for (const [where, expr] of questions) {
    for (
      const [, name, labels = ""] of expr.matchAll(/\b(up|(?:marketflow|process)_\w+)(?:\{([^}]*)\})?/gu)
    ) {
      const known = metrics.get(name!);
      assert.ok(known, `${where} asks for ${name}`);
      for (const [, label] of labels.matchAll(/(\w+)\s*(?:=~|!=|=)\s*"/gu)) {
        assert.ok(known.has(label!) || ADDED.includes(label!), `${where} asks for ${name} by ${label}`);
      }
      asked.add(name!);
    }
  }
  assert.ok(asked.size > 40, `Only ${asked.size} metrics are asked for`);
});

Deno.test("every alert has a case in which it fires, and one in which it does not", () => {
  interface Case {
    alert_rule_test: { alertname: string; exp_alerts: unknown[] }[];
  }
  const cases: Case[] = parse(textOf("prometheus/alerts_test.yaml")).tests;
  const of = (fires: boolean) =>
    cases.flatMap((one) => one.alert_rule_test)
      .filter(({ exp_alerts }) => exp_alerts.length > 0 === fires)
      .map(({ alertname }) => alertname).sort();
  const alerts = rules.map(({ alert }) => alert).sort();
  assert.deepEqual(of(true), alerts);
  assert.deepEqual(of(false), alerts);
});

const ignore = await promtoolIsMissing();

Deno.test({
  name: "Prometheus takes the settings, and the alerts fire when they should",
  ignore,
  async fn() {
    const config = await promtool(["check", "config", fileOf("prometheus/prometheus.yaml")]);
    assert.equal(config.code, 0, config.said);
    const tests = await promtool(["test", "rules", fileOf("prometheus/alerts_test.yaml")]);
    assert.equal(tests.code, 0, tests.said);
  },
});

Deno.test({
  name: "Prometheus understands every expression of the dashboard",
  ignore,
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "marketflow_" });
    try {
      const check = async (of: readonly (readonly [string, string])[]) => {
        const rules = of.map(([, expr], at) => ({ record: `panel:${at}`, expr }));
        await Deno.writeTextFile(
          `${folder}/rules.json`,
          JSON.stringify({ groups: [{ name: "panels", rules }] }),
        );
        return await promtool(["check", "rules", `${folder}/rules.json`]);
      };
      const { code, said } = await check(questions);
      assert.equal(code, 0, said);
      assert.notEqual((await check([["broken", "rate(up)"]])).code, 0, "It says where it does not");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
