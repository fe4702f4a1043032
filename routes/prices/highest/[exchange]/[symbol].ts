import { statisticOfExchange } from "../../_statistic.ts";

export const GET = statisticOfExchange("highest");
