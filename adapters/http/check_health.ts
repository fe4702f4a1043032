/**
 * `main.ts --check-health`: asks the running program how it is, for containers, service managers and monitoring.
 *
 * With `node:http` and not `fetch`, which would go through a proxy that the environment names for the venues.
 */
import { Buffer } from "node:buffer";
import http from "node:http";

const WITHIN_MS = 5_000;
/** A thousand venues and their problems are smaller. */
const MAX_BYTES = 4 << 20;

/** Where the program listens, by its settings. */
export interface Listening {
  host: string;
  port: number;
  /** One of them is sent where it is set. */
  readToken?: string | undefined;
  adminToken?: string | undefined;
}

export interface Checked {
  /** It runs and is not `down`. */
  healthy: boolean;
  /** One line: its status and problems, or why there was no answer. */
  said: string;
}

/** Never throws; takes at most five seconds. */
export async function checkHealth(listening: Listening, withinMs = WITHIN_MS): Promise<Checked> {
  const address = addressOf(listening);
  try {
    const { status, text } = await get(`${address}/health`, listening, AbortSignal.timeout(withinMs));
    if (status === 401) {
      return { healthy: false, said: `${address} wants another token; check server.readToken` };
    }
    const health = status === 200 || status === 503 ? read(text) : undefined;
    if (health === undefined) {
      return { healthy: false, said: `${address} answers ${status}, and not as MarketFlow does` };
    }
    const said = [health.status, health.problems.join("; ")].filter((part) => part !== "").join(": ");
    return { healthy: status === 200, said: said.replaceAll(/\s+/gu, " ") };
  } catch (error) {
    return { healthy: false, said: explain(address, error as Error & { code?: string }, withinMs) };
  }
}

/** Where something listens on every address, that of this machine is one of them. */
function addressOf({ host, port }: Listening): string {
  const name = host.includes(":") ? `[${host}]` : host;
  // However it is spelled: `::` is `0:0:0:0:0:0:0:0`, too.
  const hostname = URL.parse(`http://${name}`)?.hostname ?? name;
  return `http://${{ "0.0.0.0": "127.0.0.1", "[::]": "[::1]" }[hostname] ?? hostname}:${port}`;
}

function get(url: string, { readToken, adminToken }: Listening, signal: AbortSignal) {
  const token = readToken || adminToken;
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = http.get(url, { headers, signal, agent: false }, (response) => {
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      response.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) chunks.push(chunk);
        else request.destroy(new Error(`The answer is longer than ${MAX_BYTES} bytes`));
      });
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text: new TextDecoder().decode(Buffer.concat(chunks)) });
      });
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

function read(text: string): { status: string; problems: string[] } | undefined {
  try {
    const { status, problems } = JSON.parse(text);
    return typeof status === "string" && Array.isArray(problems) ? { status, problems } : undefined;
  } catch {
    return undefined;
  }
}

function explain(address: string, error: Error & { code?: string }, withinMs: number): string {
  if (error.name === "AbortError" || error.name === "TimeoutError") {
    return `${address} did not answer within ${withinMs} ms`;
  }
  if (error.code === "ECONNREFUSED") {
    return `Nothing listens at ${address}; start MarketFlow, or check server.host and server.port`;
  }
  return `${address} cannot be asked: ${error.message}`;
}
