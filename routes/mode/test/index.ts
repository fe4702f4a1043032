import { switchTo } from "../_switch.ts";

export const POST = switchTo("test");
