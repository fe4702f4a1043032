/** A figure with a heading, its choices, a summary in words, and the place of its chart. */
import type { ComponentChildren, RefObject } from "preact";

interface PanelProps {
  id: string;
  title: string;
  /** Beside the heading. */
  controls: ComponentChildren;
  /** What the chart shows, in words; it stands for the chart where that cannot be seen. */
  summary: string;
  /** What stands under the pointer. */
  legend?: ComponentChildren;
  /** Instead of the chart, where there is nothing to draw. */
  instead: string;
  /** Above the chart, where what it shows is not of this moment. */
  trouble: string;
  holder: RefObject<HTMLDivElement | null>;
  note?: string;
}

export function Panel(
  { id, title, controls, summary, legend, instead, trouble, holder, note }: PanelProps,
) {
  return (
    <section class="panel chart-panel" aria-labelledby={`${id}-title`} id={id}>
      <div class="panel-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {controls}
      </div>
      <p class="chart-summary" id={`${id}-summary`}>{summary}</p>
      {trouble && <p class="banner" role="status">{trouble}</p>}
      <div class="chart-frame">
        <p class="chart-legend" aria-hidden="true">{legend}</p>
        <div class="chart" role="img" aria-labelledby={`${id}-title ${id}-summary`} ref={holder} />
        {instead && <p class="chart-instead">{instead}</p>}
      </div>
      {note && <p class="under">{note}</p>}
    </section>
  );
}

interface ChoiceProps<T extends string> {
  name: string;
  label: string;
  options: readonly { value: T; text: ComponentChildren; words?: string }[];
  value: T;
  onChoose(value: T): void;
}

/** One of a few, as a row of radio buttons. */
export function Choice<T extends string>({ name, label, options, value, onChoose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice with-script">
      <legend class="unseen">{label}</legend>
      {options.map((option) => (
        <label key={option.value}>
          <input
            type="radio"
            name={name}
            value={option.value}
            aria-label={option.words}
            checked={option.value === value}
            onChange={() => onChoose(option.value)}
          />
          <span>{option.text}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The colour of an exchange in the charts. */
export function Swatch({ at }: { at: number }) {
  return (
    <svg class="swatch" viewBox="0 0 14 4" width="14" height="4" aria-hidden="true">
      <rect class={`series-${at}`} width="14" height="4" rx="2" />
    </svg>
  );
}
