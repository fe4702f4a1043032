/** What a benchmark hands back, and how it is printed. */

export interface Goal {
  what: string;
  value: number;
  /** `above`: at least `goal`; `below`: at most. */
  sense: "above" | "below";
  goal: number;
}

export interface Report {
  title: string;
  /** One object a row, the same keys in each. */
  rows: Record<string, string | number>[];
  goals: Goal[];
  /** What must never be, whatever the machine: frames lost without a count, wrong results. */
  violations: string[];
  /** What the rows leave out. */
  notes: string[];
}

export function met({ value, sense, goal }: Goal): boolean {
  return sense === "above" ? value >= goal : value <= goal;
}

export function print(report: Report): void {
  console.log(`\n${report.title}\n`);
  console.log(table(report.rows));
  for (const note of report.notes) console.log(`  ${note}`);
  for (const goal of report.goals) {
    const sign = goal.sense === "above" ? "≥" : "≤";
    console.log(
      `  ${met(goal) ? "met   " : "missed"}  ${goal.what}: ${figure(goal.value)} (goal ${sign} ${goal.goal})`,
    );
  }
  for (const violation of report.violations) console.log(`  WRONG   ${violation}`);
}

/** Three significant digits, grouped. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: Report["rows"]): string {
  const keys = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) =>
    keys.map((key) => typeof row[key] === "number" ? figure(row[key]) : row[key] ?? "")
  );
  const widths = keys.map((key, at) => Math.max(key.length, ...cells.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    "  " + row.map((cell, at) => at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)).join("  ");
  return [line(keys), line(widths.map((width) => "─".repeat(width))), ...cells.map(line)].join("\n");
}

/** Tells on stderr what goes on, so that stdout is left to the results. */
export function progress(what: string): void {
  console.error(`· ${what}`);
}
