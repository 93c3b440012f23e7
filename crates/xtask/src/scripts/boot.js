// Starts the page's labs and quizzes. The page reads without it: on failure the notices that
// stand in the labs' places show, through the attribute set here.
const state = document.documentElement.dataset;
try {
  // Both start at once; the wasm is the larger of the two.
  const [{ default: init }, wasm] = await Promise.all([
    import("./@JS@"),
    fetch(new URL("./@WASM@", import.meta.url)),
  ]);
  await init({ module_or_path: wasm });
  state.labs = "ready";
} catch (reason) {
  state.labs = "failed";
  console.error("The labs of this page could not start.", reason);
}
