const SUB_BUCKETS = 64;

/**
 * Latencies in microseconds, in log-linear buckets as HdrHistogram's: 64 to each power of two, so at most 1.6 % off.
 */
export class Histogram {
  readonly #counts: number[] = Array.from({ length: SUB_BUCKETS * 40 }, () => 0);
  #total = 0;

  record(microseconds: number): void {
    const value = Math.max(1, Math.round(microseconds));
    const index = bucketOf(value);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  /** The value below which this share of the latencies lies, in microseconds; 0 when there are none. */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    for (const [index, count] of this.#counts.entries()) {
      seen += count;
      if (count > 0 && seen >= rank) return valueOf(index);
    }
    return 0;
  }
}

function bucketOf(value: number): number {
  const exponent = Math.max(0, Math.floor(Math.log2(value)) - 6);
  return exponent * SUB_BUCKETS + Math.floor(value / 2 ** exponent);
}

/** The middle of a bucket. */
function valueOf(index: number): number {
  if (index < SUB_BUCKETS * 2) return index;
  const exponent = Math.floor(index / SUB_BUCKETS) - 1;
  return (index - exponent * SUB_BUCKETS + 0.5) * 2 ** exponent;
}
