// The chart library comes after the first paint, once.

/** @type {Promise<typeof import("./chart.js")> | null} */
let loading = null;

/** Rejects where its file is gone, since a newer build has replaced this one. */
export function loadChart() {
  loading ??= import("./chart.js").catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}
