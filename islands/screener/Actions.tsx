/** What can be done with the table as it is shown: copy a link to it, save it as a file. */
import { useEffect, useState } from "preact/hooks";
import type { Mode } from "../../core/domain/mode.ts";
import { csvName, csvOf } from "./csv.ts";
import type { Row } from "./rows.ts";
import { linkOf, type View } from "./view.ts";

const SAID_MS = 2000;

export function Actions({ view, rows, mode }: { view: View; rows: readonly Row[]; mode: Mode }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <>
      <button
        type="button"
        class="button with-script action"
        onClick={async () => setCopied(await copy(location.origin + linkOf(view)))}
      >
        <svg class="sign" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
          <path
            d={copied
              ? "m2.5 7.5 3 3 6-7"
              : "M6 8.5a2.5 2.5 0 0 0 3.5 0l2-2A2.5 2.5 0 0 0 8 3l-.8.8M8 5.5a2.5 2.5 0 0 0-3.5 0l-2 2A2.5 2.5 0 0 0 6 11l.8-.8"}
          />
        </svg>
        <span aria-live="polite">{copied ? "Copied" : "Copy link"}</span>
      </button>
      <button
        type="button"
        class="button with-script action"
        disabled={rows.length === 0}
        onClick={() => save(csvName(mode, Date.now()), csvOf(rows, view.columns, mode))}
      >
        <svg class="sign" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
          <path d="M7 2v6.5M4.2 6 7 8.8 9.8 6M2.5 11.8h9" />
        </svg>
        Export CSV
      </button>
    </>
  );
}

/** False only where the reader was left to copy it by hand: browsers give pages a clipboard only over https. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    prompt("Copy this link", text);
    return false;
  }
}

function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file by the time it comes to this.
  setTimeout(() => URL.revokeObjectURL(url));
}
