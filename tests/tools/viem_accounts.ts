/** Who signs for himself. */
export { mnemonicToAccount } from "npm:viem@2.57.20/accounts";
