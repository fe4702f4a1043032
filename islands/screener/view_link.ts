/** Links to views. */
import { linkOf, type View } from "./view.ts";

/** What makes an `a` a link to `view`: shown in this page without loading it anew, unless another tab is asked for. */
export function linkTo(view: View, onView: (view: View) => void) {
  return {
    href: linkOf(view),
    onClick(event: MouseEvent) {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      onView(view);
    },
  };
}
