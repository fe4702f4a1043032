/** The worker's entry with one thing that goes wrong a little later; the name of the worker says what. */
import "./worker.ts";

const LATER_MS = 300;

if (self.name === "timer") {
  setTimeout(() => {
    throw new Error("Out of a timer");
  }, LATER_MS);
} else setTimeout(() => void Promise.reject(new Error("Out of a promise")), LATER_MS);
