/** Settings as trees: laying one over another, and naming what is in them. */

export type Tree = { [key: string]: unknown };

/** Maps whose keys the user chooses: a later layer replaces them whole. */
const OPEN_MAPS = new Set(["venues.ndjson.sources"]);

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `over` laid over `under`. Lists and open maps are replaced; null means «not set». */
export function layer(under: Tree, over: Tree, path = ""): Tree {
  const result: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (value === null || value === undefined) continue;
    const below = result[key];
    const here = path === "" ? key : `${path}.${key}`;
    result[key] = isTree(below) && isTree(value) && !OPEN_MAPS.has(here) ? layer(below, value, here) : value;
  }
  return result;
}

/** The dotted path of every setting: leaves, lists and open maps. */
export function pathsOf(tree: Tree, path = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const here = path === "" ? key : `${path}.${key}`;
    return isTree(value) && !OPEN_MAPS.has(here) ? pathsOf(value, here) : [here];
  });
}

export function at(tree: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    tree,
  );
}

/** `{ server: { port: 1 } }` from `server.port` and 1. */
export function treeOf(path: string, value: unknown): Tree {
  const keys = path.split(".");
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Tree;
}
