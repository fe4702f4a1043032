/** curl, which speaks HTTP/2, asks from another address and sends what `fetch` would not. */
import { PATIENCE_MS } from "../program/process.ts";

export interface Answer {
  /** 0 where there was none. */
  status: number;
  /** `1.1` or `2`. */
  protocol: string;
  /** By name in lower case. */
  headers: Map<string, string>;
  body: string;
  /** As they came, before anything was unpacked. */
  bytes: number;
}

export async function curl(url: string, ...args: string[]): Promise<Answer> {
  const marks = "\n%{http_code} %{http_version} %{size_download}";
  const { stdout } = await new Deno.Command("curl", {
    args: [
      ...["--silent", "--include", "--path-as-is", "--max-time", String(PATIENCE_MS / 1000)],
      ...["--write-out", marks, ...args, url],
    ],
    stdin: "null",
    stderr: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const at = text.lastIndexOf("\n");
  const [status = "0", protocol = "", bytes = "0"] = text.slice(at + 1).split(" ");
  const end = text.indexOf("\r\n\r\n");
  const lines = text.slice(0, Math.max(end, 0)).split("\r\n").slice(1);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
  }
  return { status: Number(status), protocol, headers, body: text.slice(end + 4, at), bytes: Number(bytes) };
}

export function jsonOf({ body }: Answer): Record<string, unknown> {
  return JSON.parse(body);
}
