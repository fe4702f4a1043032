// Before the first paint: the reader's theme, and the mark that scripts run.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be forbidden; the system's theme stays.
}
document.documentElement.dataset.script = "";
