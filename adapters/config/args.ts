/** The command line. */
import { parseArgs } from "node:util";

export const HELP = `MarketFlow: true price differences between crypto exchanges

Usage: deno task start [options]

  --mode live|test   test reads synthetic venues, live the real exchanges     (test)
  --port N           port of the page and the API                             (8080)
  --host HOST        address to listen on                                     (127.0.0.1)
  --config FILE      settings; every one is explained in config.yaml          (config.yaml)
  --log-level LEVEL  debug, info, warning or error                            (info)
  --check-health     asks the running program how it is, and ends with 1 where it is down
  --permissions      prints the flags of deno run that these settings need, and no more
  --help             this text
  --version          the version

A flag beats the environment (MARKETFLOW_SERVER_PORT, …), which beats the file, which beats the default.
`;

export interface Arguments {
  help: boolean;
  version: boolean;
  checkHealth: boolean;
  permissions: boolean;
  config: string | undefined;
  /** Settings by dotted path. */
  flags: Record<string, unknown>;
  problems: string[];
}

const OPTIONS = {
  config: { type: "string" },
  mode: { type: "string" },
  port: { type: "string" },
  host: { type: "string" },
  "log-level": { type: "string" },
  "check-health": { type: "boolean" },
  permissions: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Flags that ask for something else than to run. */
const ACTIONS: Readonly<Record<string, "help" | "version" | "checkHealth" | "permissions">> = {
  help: "help",
  version: "version",
  "check-health": "checkHealth",
  permissions: "permissions",
};

/** Flags that are settings, by the path of the setting. */
const SETTINGS: Readonly<Record<string, string>> = {
  mode: "mode",
  port: "server.port",
  host: "server.host",
  "log-level": "logLevel",
};

/** Never throws: what is wrong with the arguments is in `problems`, all of it. */
export function readArguments(args: readonly string[]): Arguments {
  // `deno task start -- --port 1` is the habit of npm; deno hands the dashes on.
  const own = args[0] === "--" ? args.slice(1) : args;
  const { tokens } = parseArgs({ args: [...own], options: OPTIONS, strict: false, tokens: true });
  const result: Arguments = {
    help: false,
    version: false,
    checkHealth: false,
    permissions: false,
    config: undefined,
    flags: {},
    problems: [],
  };
  for (const token of tokens) {
    if (token.kind === "positional") {
      result.problems.push(`${token.value}: Unknown argument; see --help`);
    } else if (token.kind === "option") readOption(token, result);
  }
  return result;
}

function readOption(
  token: { name: string; rawName: string; value: string | undefined },
  result: Arguments,
): void {
  const { name, rawName, value } = token;
  if (!Object.hasOwn(OPTIONS, name)) {
    const known = Object.keys(OPTIONS).map((one) => `--${one}`).join(", ");
    result.problems.push(`${rawName}: Unknown option; known: ${known}`);
  } else if (Object.hasOwn(ACTIONS, name)) {
    if (value !== undefined) result.problems.push(`${rawName}: Takes no value`);
    result[ACTIONS[name]!] = true;
  } else if (value === undefined || value === "" || value.startsWith("--")) {
    result.problems.push(`${rawName}: Needs a value, as in ${rawName}=VALUE; see --help`);
  } else if (name === "config") result.config = value;
  else result.flags[SETTINGS[name]!] = name === "port" && /^\d+$/.test(value) ? Number(value) : value;
}
