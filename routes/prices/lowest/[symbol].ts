import { statisticOfSymbol } from "../_statistic.ts";

export const GET = statisticOfSymbol("lowest");
