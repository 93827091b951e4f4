/** The pause before a next try: doubled each time up to a bound, with jitter of a quarter either way. In milliseconds. */
export function backoffMs(
  failures: number,
  firstMs: number,
  maxMs: number,
  random: () => number = Math.random,
): number {
  const pauseMs = Math.min(firstMs * 2 ** Math.min(failures - 1, 30), maxMs);
  return pauseMs * (0.75 + random() / 2);
}
