/**
 * Islands on the server: a page writes `<Screener … />`, and what it sends is
 * `<island-root name="Screener" props="{…}">…</island-root>`, which ui/client.ts brings to life in the browser.
 *
 * Preact calls `options.vnode` for every element it makes; that is where an island is wrapped. An island's props
 * must survive JSON, and an island is not used inside another one.
 */
import { type ComponentType, h, options, type VNode } from "preact";

const names = new Map<unknown, string>();
let wrapping = false;
let hooked = false;

/** Makes these components islands, for all pages rendered from now on. */
// deno-lint-ignore no-explicit-any
export function registerIslands(islands: Readonly<Record<string, ComponentType<any>>>): void {
  for (const [name, component] of Object.entries(islands)) names.set(component, name);
  if (hooked) return;
  hooked = true;
  const before = options.vnode;
  options.vnode = (vnode: VNode) => {
    const name = names.get(vnode.type);
    if (name !== undefined && !wrapping) wrap(vnode, name);
    before?.(vnode);
  };
}

function wrap(vnode: VNode, name: string): void {
  const props = vnode.props as Record<string, unknown>;
  wrapping = true;
  const inner = h(vnode.type as ComponentType, props);
  wrapping = false;
  vnode.type = "island-root";
  // The renderer escapes the attribute, so quotes and `</script>` in a prop stay text.
  vnode.props = { name, props: JSON.stringify(props), children: inner } as typeof vnode.props;
}
