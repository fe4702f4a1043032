/** From how much on an opportunity is shown, and so alerted on. */
import type { Thresholds } from "../view.ts";
import { NumberField, Section } from "./fields.tsx";
import type { SettingsProps } from "./Settings.tsx";

export function Show({ view, minNetBps, onChange }: SettingsProps) {
  const change = (part: Partial<Thresholds>) => onChange({ thresholds: part }, part);
  return (
    <Section title="Show">
      <div class="drawer-fields">
        <NumberField
          label="Net from"
          unit="bps"
          value={view.minNetBps}
          placeholder={String(minNetBps)}
          onValue={(minNetBps) => change({ minNetBps })}
        />
        <NumberField
          label="Profit from"
          unit="quote"
          value={view.minProfitQuote}
          placeholder="Any"
          onValue={(minProfitQuote) => change({ minProfitQuote })}
        />
        <NumberField
          label="Size from"
          unit="quote"
          value={view.minNotionalQuote}
          placeholder="Any"
          onValue={(minNotionalQuote) => change({ minNotionalQuote })}
        />
      </div>
      <p class="hint">Profit and size in the quote currency of each pair, such as USDT.</p>
    </Section>
  );
}
