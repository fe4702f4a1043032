export { freePort } from "../emulator/free_port.ts";
