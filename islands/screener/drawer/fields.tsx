/** Fields of the settings. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface NumberFieldProps {
  label: string;
  unit: string;
  value: number | undefined;
  placeholder?: string;
  min?: number;
  onValue(value: number | undefined): void;
}

/** What is typed stays as it is typed until the field is left; only what is a number in range is handed on. */
export function NumberField({ label, unit, value, placeholder, min, onValue }: NumberFieldProps) {
  const [typed, setTyped] = useState<string>();
  return (
    <label class="field">
      <span>
        {label}, {unit}
      </span>
      <input
        type="number"
        inputmode="decimal"
        step="any"
        autocomplete="off"
        value={typed ?? value ?? ""}
        {...{ placeholder, min }}
        onInput={({ currentTarget: { value: text, validity } }) => {
          setTyped(text);
          if (validity.valid) onValue(text === "" ? undefined : Number(text));
        }}
        onBlur={() => setTyped(undefined)}
      />
    </label>
  );
}

interface SwitchProps {
  label: string;
  checked: boolean;
  disabled?: boolean;
  /** Id of the element that says more. */
  about?: string;
  onChange(checked: boolean): void;
}

export function Switch({ label, checked, disabled = false, about, onChange }: SwitchProps) {
  return (
    <label class="switch">
      <span>{label}</span>
      <input
        type="checkbox"
        role="switch"
        checked={checked}
        disabled={disabled}
        aria-describedby={about}
        onChange={({ currentTarget }) => {
          const { checked: wanted } = currentTarget;
          // It shows what is so, and not what was asked for.
          currentTarget.checked = checked;
          onChange(wanted);
        }}
      />
    </label>
  );
}

export function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <fieldset class="drawer-section" tabIndex={-1}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}
