export * from "npm:viem@2.57.20";
