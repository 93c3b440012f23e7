// Before the first paint: the theme that the reader chose, if any. Absent means the system's.
(function () {
  try {
    const theme = localStorage.getItem("hopscope.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be blocked. The system's theme is right then.
  }
})();
