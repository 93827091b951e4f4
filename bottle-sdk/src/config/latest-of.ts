/** Reads a source as fast as it comes and hands out the newest: a slow reader misses what is no longer current. */
export async function* latestOf<Item>(source: AsyncIterable<Item>): AsyncGenerator<Item> {
  let newest: { item: Item } | undefined;
  let end: { error?: unknown } | undefined;
  let wake: (() => void) | undefined;
  const read = async (): Promise<void> => {
    try {
      for await (const item of source) {
        newest = { item };
        wake?.();
      }
      end = {};
    } catch (error) {
      end = { error };
    }
    wake?.();
  };
  void read();
  for (;;) {
    const next = newest;
    newest = undefined;
    if (next) yield next.item;
    else if (end && 'error' in end) throw end.error;
    else if (end) return;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
}
