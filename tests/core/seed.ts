/**
 * The seed of the property tests: always the same, so that a build does not fail by chance, unless SEED asks for
 * another. fast-check prints it with a counterexample, too.
 */
export const seed: number = Number(Deno.env.get("SEED") ?? 20_250_101);
/** Repeats a property more often than a build has time for, for example RUNS=20000. */
export const runs = (usual: number): number => Number(Deno.env.get("RUNS") ?? usual);

console.log(`Property tests run with SEED=${seed}`);
