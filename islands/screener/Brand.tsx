/** The program's name, which leads to all opportunities. */
export function Brand() {
  return (
    <a class="brand" href="/" aria-label="MarketFlow, all opportunities">
      <svg viewBox="0 0 28 28" width="28" height="28" aria-hidden="true">
        <path class="brand-low" d="M2 20c6 0 7-4 12-4s6 4 12 4" />
        <path class="brand-high" d="M2 8c6 0 7 4 12 4s6-4 12-4" />
        <circle cx="14" cy="14" r="1.8" />
      </svg>
      MarketFlow
    </a>
  );
}
