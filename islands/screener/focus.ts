/** Where the focus goes. */

/** Before the item of a pressed button leaves: to the button of the next item or the one before, else to their section. */
export function passFocusOn(pressed: HTMLElement): void {
  const { nextElementSibling: next, previousElementSibling: before } = pressed.parentElement!;
  const button = next?.querySelector("button") ?? before?.querySelector("button");
  // The reader looks at that place already.
  (button ?? pressed.closest<HTMLElement>("section, fieldset"))?.focus({ preventScroll: true });
}
