/** The history in PostgreSQL: the contract. */
import { contract } from "./contract.ts";
import { freshPostgres, serverIsMissing } from "./postgres.ts";

contract("PostgreSQL", freshPostgres, await serverIsMissing());
