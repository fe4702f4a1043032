/** docker-compose.yml as an engine understands it: variables filled in, anchors merged. */
import { parse } from "yaml";

const FILE = new URL("../../docker-compose.yml", import.meta.url);

export interface Service {
  image: string;
  build?: { context: string; dockerfile: string; target: string };
  user?: string;
  entrypoint?: string[];
  command?: string[];
  profiles?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  tmpfs?: string[];
  ports?: string[];
  networks?: string[] | Record<string, { ipv4_address?: string } | null>;
  network_mode?: string;
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
  restart: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  logging: { driver: string; options: Record<string, string> };
  deploy?: { resources: { limits: { cpus: string; memory: string; pids: number } } };
}

export interface Compose {
  name: string;
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>;
  volumes: Record<string, null>;
}

export const textOfCompose = (): string => Deno.readTextFileSync(FILE);

/** `${NAME:-default}` and `${NAME}`, as the specification has them; no other form is used. */
export function interpolate(text: string, variables: Readonly<Record<string, string>> = {}): string {
  return text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/gu, (_, name: string, otherwise = "") => {
    return variables[name] || otherwise;
  });
}

export function readCompose(variables: Readonly<Record<string, string>> = {}): Compose {
  return parse(interpolate(textOfCompose(), variables), { merge: true });
}

export const networksOf = ({ networks = [] }: Service): string[] =>
  Array.isArray(networks) ? networks : Object.keys(networks);

/** `source:target` or `source:target:ro`. */
export function mountsOf({ volumes = [] }: Service): { source: string; target: string; writable: boolean }[] {
  return volumes.map((text) => {
    const [source, target, option] = text.split(":");
    return { source: source!, target: target!, writable: option !== "ro" };
  });
}
