/** The mode, and the switch to the other one behind a question, and behind the admin's token where the program has one. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
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

/** What the program has accepted, as long as the page lives; nowhere else, so that nobody else finds it. */
let knownToken = "";

interface State {
  busy: boolean;
  trouble: string;
  /** The program wants a token. */
  locked: boolean;
}

export function ModeSwitch({ mode, onSwitched }: { mode: Mode; onSwitched(status: ModeStatus): void }) {
  const other: Mode = mode === "test" ? "live" : "test";
  const dialog = useRef<HTMLDialogElement>(null);
  const token = useRef<HTMLInputElement>(null);
  // The mode that was asked for when the dialog opened; it stays while the page's own mode already changes.
  const [target, setTarget] = useState<Mode>(other);
  const [{ busy, trouble, locked }, setState] = useState<State>({ busy: false, trouble: "", locked: false });
  useLayoutEffect(() => {
    if (locked) token.current?.focus();
  }, [locked, trouble]);

  const ask = () => {
    setTarget(other);
    setState({ busy: false, trouble: "", locked: false });
    dialog.current?.showModal();
  };
  const go = async () => {
    const given = token.current?.value.trim() || knownToken;
    setState({ busy: true, trouble: "", locked });
    try {
      const response = await switchTo(target, given);
      if (response.status === 401) {
        knownToken = "";
        return setState({
          busy: false,
          trouble: given === "" ? "" : "This token is not the right one. The mode was not switched",
          locked: true,
        });
      }
      const answer = await response.json();
      if (!response.ok) throw new Error(answer.detail ?? answer.title);
      knownToken = given;
      onSwitched(answer);
      dialog.current?.close();
      setState({ busy: false, trouble: "", locked: false });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      setState({ busy: false, trouble: `The mode was not switched: ${why}`, locked });
    }
  };

  return (
    <div class="mode" data-mode={mode}>
      <span class="mode-name" title={WORDS[mode].about}>
        {WORDS[mode].name}
        <span class="unseen">mode. {WORDS[mode].about}</span>
      </span>
      <button type="button" class="button with-script" onClick={ask} disabled={busy}>
        {busy ? "Switching…" : `Switch to ${other}`}
      </button>
      <dialog ref={dialog} class="question" aria-labelledby="mode-question">
        <h2 id="mode-question">Switch to {target} mode?</h2>
        <p>{WORDS[target].question}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void go();
          }}
        >
          {locked && (
            <>
              <label class="field token">
                <span>Admin token</span>
                <input
                  ref={token}
                  type="password"
                  autocomplete="current-password"
                  required
                  aria-describedby="token-about"
                />
              </label>
              <p id="token-about">
                This program asks for a token before it changes its mode. The page keeps it in memory only,
                until you leave or reload it.
              </p>
            </>
          )}
          <p class="trouble" role="alert">{trouble}</p>
          <div class="buttons">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>Cancel</button>
            <button type="submit" class="button primary" disabled={busy}>
              {busy ? "Switching…" : `Switch to ${target}`}
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}

function switchTo(mode: Mode, token: string): Promise<Response> {
  return fetch(`/mode/${mode}`, {
    method: "POST",
    headers: token === "" ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(SWITCH_TIMEOUT_MS),
  });
}
