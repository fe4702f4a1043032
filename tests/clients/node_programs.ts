/** Programs of users, which Node runs: they import the client by its name, as it is installed. */

/** Prints what it is told, and asks for another filter when an opportunity ends. */
export const FOLLOWS = `import { followOpportunities, followQuotes } from "@marketflow/client";
import { protobuf } from "@marketflow/client/protobuf";

const [server, name, token] = process.argv.slice(2);
const options = {
  format: name === "protobuf" ? protobuf : undefined,
  token,
  firstWaitMs: 20,
  longestWaitMs: 200,
};

const quotes = followQuotes(server, { ...options, exchange: "okx" });
const stream = followOpportunities(server, { ...options, symbol: "BTC-USDT" });
try {
  for await (const event of stream) {
    const { type } = event;
    const rows = [...stream.rows.values()];
    console.log(JSON.stringify({ type, rows, quotes: [...quotes.rows.keys()], state: event.state }));
    if (type === "close") stream.subscribe({ symbol: "ETH-USDT" });
    if (type === "snapshot" && rows[0]?.symbol === "ETH-USDT") break;
  }
} catch (error) {
  console.log(
    JSON.stringify({ type: "failed", code: error.code, status: error.status, message: error.message }),
  );
}
quotes.close();
`;

/** Holds only where the types of the client are found and right. */
export const TYPED = `
import { followOpportunities, type Opportunity, StreamError } from "@marketflow/client";
import { protobuf } from "@marketflow/client/protobuf";
using stream = followOpportunities("http://127.0.0.1:8080", { minNetBps: 5, format: protobuf });
const rows: ReadonlyMap<string, Opportunity> = stream.rows;
for await (const event of stream) {
  if (event.type === "close") console.log(event.opportunity.reason satisfies string, rows.size);
  // @ts-expect-error: an update has no reason
  if (event.type === "update") console.log(event.opportunity.reason);
  if (event.type === "connection" && event.state === "reconnecting") {
    const error: StreamError = event.error;
    console.log(error.code);
  }
}
`;
