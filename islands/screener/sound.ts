/** The sound of an alert: two short notes, made here, so that no file has to be fetched. */

/** What may be said of it: `blocked` waits for a click or a key, because browsers keep silent until then. */
export type SoundState = "ready" | "blocked" | "unavailable";

const NOTES_HZ = [880, 1174.66];
const NOTE_S = 0.16;
/** Two notes at full volume stay below what a loudspeaker distorts. */
const LOUDEST = 0.5;

let context: AudioContext | undefined;
let failed = false;

/**
 * To be called from a click or a key, if possible: then the browser lets the page sound from now on. It can take the
 * device away later, or open it after this has answered; `changed` is called then.
 */
export async function prepareSound(changed: () => void): Promise<SoundState> {
  // Trying before that is only a complaint in the console.
  if (navigator.userActivation?.hasBeenActive === false) return soundState();
  try {
    if (context === undefined) {
      context = new AudioContext();
      context.addEventListener("statechange", changed);
    }
    // While it is blocked, this promise waits for ever.
    void context.resume().catch(() => {});
    if (context.state !== "running") {
      const { promise, resolve } = Promise.withResolvers<void>();
      context.addEventListener("statechange", () => resolve(), { once: true });
      setTimeout(resolve, 500);
      await promise;
    }
  } catch {
    failed = true;
  }
  return soundState();
}

export function soundState(): SoundState {
  if (failed) return "unavailable";
  return context?.state === "running" ? "ready" : "blocked";
}

/** Plays it now, or not at all where the browser is not ready: an alert that sounds late is wrong. `volume`: 1 to 100. */
export function playSound(volume: number): void {
  if (context?.state !== "running") return;
  const start = context.currentTime;
  NOTES_HZ.forEach((frequency, at) => note(context!, frequency, start + at * NOTE_S, volume));
}

/** A device that is open and silent costs power. */
export function releaseSound(): void {
  void context?.close().catch(() => {});
  context = undefined;
}

function note(context: AudioContext, frequency: number, start: number, volume: number): void {
  const [oscillator, gain] = [context.createOscillator(), context.createGain()];
  oscillator.frequency.value = frequency;
  // Loudness is heard by ratio. The ramps keep the ends from clicking.
  const loudness = LOUDEST * (volume / 100) ** 2;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loudness, start + 0.012);
  gain.gain.exponentialRampToValueAtTime(loudness / 100, start + NOTE_S * 1.6);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + NOTE_S * 1.6);
}
