/** What a monitoring system reads. */
export interface Metrics {
  /** The figures as they stand now, in the format that `contentType` names. Reading changes nothing. */
  scrape(): Promise<{ contentType: string; text: string }>;
}
