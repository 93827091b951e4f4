import type { TestPod } from '../../harness/pod.ts';

/** What a consumer holds at one moment, and what became of its messages so far, as `/metrics` has them. */
export interface QueueFigures {
  /** Fetched and not finished. */
  unfinished: number;
  /** With the function process. */
  inFlight: number;
  lag: number;
  excused: number;
  failed: number;
  done: number;
  deadLettered: number;
}

const NAMES: Readonly<Record<string, keyof QueueFigures>> = {
  bottle_mq_unfinished: 'unfinished',
  bottle_mq_in_flight: 'inFlight',
  bottle_mq_lag: 'lag',
  'bottle_mq_attempts_total excused': 'excused',
  'bottle_mq_attempts_total failed': 'failed',
  'bottle_mq_messages_total done': 'done',
  'bottle_mq_messages_total dead-letter': 'deadLettered',
};

/** One scrape: the figures of one function's consumer, its partitions added up. */
export async function scrapeQueue(pod: TestPod, functionName: string): Promise<QueueFigures> {
  const text = await (await pod.admin('/metrics')).text();
  const figures = { unfinished: 0, inFlight: 0, lag: 0, excused: 0, failed: 0, done: 0, deadLettered: 0 };
  for (const [, metric = '', labels = '', value] of text.matchAll(/^(bottle_mq_\w+)\{([^}]*)\} ([\d.e+]+)$/gm)) {
    if (!labels.includes(`function="${functionName}"`)) continue;
    const result = /result="([^"]+)"/.exec(labels)?.[1];
    const field = NAMES[result === undefined ? metric : `${metric} ${result}`];
    if (field) figures[field] += Number(value);
  }
  return figures;
}

/** The most of each that was seen, until it is told to stop. */
export function sampleQueue(pod: TestPod, functionName: string): () => Promise<QueueFigures> {
  let isOver = false;
  const sampling = (async () => {
    const most = await scrapeQueue(pod, functionName);
    while (!isOver) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const now = await scrapeQueue(pod, functionName);
      for (const field of Object.keys(most) as (keyof QueueFigures)[]) most[field] = Math.max(most[field], now[field]);
    }
    return most;
  })();
  return () => {
    isOver = true;
    return sampling;
  };
}
