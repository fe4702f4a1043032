/** The script of every page: hydrates the islands that ui/islands.ts left in the document. */
import { h, hydrate } from "preact";
import { islands } from "./islands.gen.ts";

for (const root of document.querySelectorAll("island-root")) {
  const island = islands[root.getAttribute("name") ?? ""];
  if (island) hydrate(h(island, JSON.parse(root.getAttribute("props") ?? "{}")), root);
}
