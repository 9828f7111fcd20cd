// The checks of a whole run by kind of model, and those of an address with several versions; a test compares them
// with the suite's own.

const RUN = ["repeat", "batch", "chunks", "shuffled", "stateless", "causal", "sensitive", "history", "fresh",
  "backtest", "concurrent", "wire", "errors", "identity"];

export const CHECKS = {
  series: RUN,
  table: ["repeat", "batch", "chunks", "shuffled", "sensitive", "concurrent", "wire", "errors", "identity"],
  panel: [...RUN.slice(0, -1), "frames", "identity"],
};

export const SPLIT_CHECKS = ["shares", "identity", "sticky"];
