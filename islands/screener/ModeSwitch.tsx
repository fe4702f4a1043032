/** The mode, and the switch to the other one behind a question. */
import { useRef, useState } from "preact/hooks";
import type { ModeStatus } from "../../core/app/market.ts";
import type { Mode } from "../../core/domain/mode.ts";

const WORDS: Record<Mode, { name: string; about: string; question: string }> = {
  test: {
    name: "Test",
    about: "Synthetic venues: these prices are made up",
    question:
      "The feeds of the real exchanges stop, every open opportunity is closed, and synthetic venues start.",
  },
  live: {
    name: "Live",
    about: "Real exchanges",
    question:
      "The synthetic venues stop, every open opportunity is closed, and the public feeds of the real exchanges are opened.",
  },
};

/** A switch waits for every worker to stop; longer than this is a failure. */
const SWITCH_TIMEOUT_MS = 30_000;

export function ModeSwitch({ mode, onSwitched }: { mode: Mode; onSwitched(status: ModeStatus): void }) {
  const other: Mode = mode === "test" ? "live" : "test";
  const dialog = useRef<HTMLDialogElement>(null);
  // The mode that was asked for when the dialog opened; it stays while the page's own mode already changes.
  const [target, setTarget] = useState<Mode>(other);
  const [state, setState] = useState<{ busy: boolean; trouble: string }>({ busy: false, trouble: "" });

  const ask = () => {
    setTarget(other);
    setState({ busy: false, trouble: "" });
    dialog.current?.showModal();
  };
  const go = async () => {
    setState({ busy: true, trouble: "" });
    try {
      const response = await fetch(`/mode/${target}`, {
        method: "POST",
        signal: AbortSignal.timeout(SWITCH_TIMEOUT_MS),
      });
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.detail ?? answer.title);
      onSwitched(answer);
      dialog.current?.close();
      setState({ busy: false, trouble: "" });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      setState({ busy: false, trouble: `The mode was not switched: ${why}` });
    }
  };

  return (
    <div class="mode" data-mode={mode}>
      <span class="mode-name" title={WORDS[mode].about}>
        {WORDS[mode].name}
        <span class="unseen">mode. {WORDS[mode].about}</span>
      </span>
      <button type="button" class="button with-script" onClick={ask} disabled={state.busy}>
        {state.busy ? "Switching…" : `Switch to ${other}`}
      </button>
      <dialog ref={dialog} class="question" aria-labelledby="mode-question">
        <h2 id="mode-question">Switch to {target} mode?</h2>
        <p>{WORDS[target].question}</p>
        <p class="trouble" role="alert">{state.trouble}</p>
        <div class="buttons">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
          <button type="button" class="button primary" disabled={state.busy} onClick={go}>
            {state.busy ? "Switching…" : `Switch to ${target}`}
          </button>
        </div>
      </dialog>
    </div>
  );
}
