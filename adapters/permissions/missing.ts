/** Which permissions are missing, in words. */
import type { Permission } from "./needed.ts";

export function missingOf(permissions: readonly Permission[]): Permission[] {
  return permissions.filter((one) => Deno.permissions.querySync(descriptorOf(one)).state !== "granted");
}

/** One line each: what is missing, what for, and the flag. */
export function told({ name, value, why }: Permission): string {
  const may = { net: "connect to or listen at", read: "read", write: "write", env: "look up" }[name];
  return `${value}: This program may not ${may} that (${why}); run it with --allow-${name}=${value}`;
}

function descriptorOf({ name, value }: Permission): Deno.PermissionDescriptor {
  switch (name) {
    case "net":
      return { name, host: value };
    case "env":
      return { name, variable: value };
    default:
      return { name, path: value };
  }
}
