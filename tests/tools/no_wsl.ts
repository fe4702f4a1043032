/**
 * Playwright looks at files under /proc when it is loaded, to learn whether it runs under WSL. Deno gives those to
 * programs with all permissions only; this variable of the same library leaves the look out.
 */
Deno.env.set("__IS_WSL_TEST__", "1");
