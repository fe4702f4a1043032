/** Apart from what runs it: on another platform this package may not be there. */
export { default } from "npm:@foundry-rs/anvil-linux-amd64@1.7.1/package.json" with { type: "json" };

const place = import.meta.resolve("npm:@foundry-rs/anvil-linux-amd64@1.7.1/package.json");
export const binary: string = new URL("bin/anvil", place).pathname;
