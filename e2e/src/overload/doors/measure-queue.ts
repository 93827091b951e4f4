import { json } from '../../harness/json.ts';
import { waitFor } from '../../harness/pod.ts';
import type { Bar } from '../bars.ts';
import { sample } from '../in-flight.ts';
import { runLoad } from '../run-load.ts';
import { printTable } from '../table.ts';
import { DEADLINE_MS } from './measure-door.ts';
import { type DoorsOptions, doorsCapacity } from './doors-options.ts';
import { publishFor } from './publisher.ts';
import { type QueueFigures, sampleQueue, scrapeQueue } from './queue-samples.ts';
import { openDoors } from './stage.ts';

const TIMES = 5;
const WARM_UP_MS = 1_000;
/** `concurrency` of the trigger. */
const MAX_HELD = 16;
/** Of four partitions: 500 messages that are not finished, and the last fetch. */
const MAX_FETCHED = 4 * (500 + 256);

interface Tally {
  done: number;
  again: number;
  laterAttempts: number;
}

/** Five times the capacity of a function comes as messages, and as much again as requests. */
export async function measureQueue({ stepMs, capacityMs, judge, progress }: DoorsOptions): Promise<void> {
  progress('doors: queue', TIMES);
  const { pod, end } = await openDoors();
  try {
    const capacity = await doorsCapacity(pod.port, '/consume', capacityMs);
    const rate = capacity * TIMES;
    const tally = (): Promise<Tally> => json<Tally>(fetch(`${pod.url}/consumed/consume`));
    const stop = sample(pod);
    const stopQueue = sampleQueue(pod, 'consume');
    const publishing = publishFor(pod, { rate, durationMs: stepMs + WARM_UP_MS });
    const load = await runLoad({
      port: pod.port,
      path: '/consume',
      headers: { 'x-bottle-timeout-ms': String(DEADLINE_MS) },
      pace: { kind: 'open', rate },
      warmUpMs: WARM_UP_MS,
      durationMs: stepMs,
      deadlineMs: DEADLINE_MS,
    });
    const samples = await stop();
    const under = await stopQueue();
    const published = await publishing;
    const { done: doneUnder } = await tally();
    const startedAt = performance.now();
    await waitFor(
      async () => (await scrapeQueue(pod, 'consume')).done >= published,
      20_000 + (published / capacity) * 3_000,
    );
    const tookSec = (performance.now() - startedAt) / 1_000;
    const figures = await scrapeQueue(pod, 'consume');
    const { done, again, laterAttempts } = await tally();
    process.stdout.write(
      `queue consumer, ${TIMES} × as messages and ${TIMES} × as requests, capacity ${capacity.toFixed(0)}/s\n`,
    );
    printTable([
      [
        'published',
        'done under load',
        'done after',
        'again',
        'later attempts',
        'dead letters',
        'excused',
        'most fetched',
        'most at the function',
        'requests good/s',
        'refused',
        'p99',
      ],
      [
        String(published),
        String(doneUnder),
        `${done} in ${tookSec.toFixed(1)} s`,
        String(again),
        String(laterAttempts),
        String(figures.deadLettered),
        String(figures.excused),
        String(under.unfinished),
        String(under.inFlight),
        (load.good / load.seconds).toFixed(0),
        String(load.refused),
        `${load.refusedMs.p99.toFixed(0)} ms`,
      ],
    ]);
    judge('doors: queue', [
      ...barsOfMessages({ published, done, again, laterAttempts, figures, under }),
      {
        demand: 'in flight as the function process counts',
        figure: `${samples.mismatches.length} of ${samples.scrapes} differ`,
        holds: samples.mismatches.length === 0 && samples.scrapes > 0,
      },
      { demand: 'no restart', figure: pod.runtime.isRunning ? '0' : '1', holds: pod.runtime.isRunning },
    ]);
  } finally {
    await end();
  }
}

interface MessageFigures extends Tally {
  published: number;
  /** After all. */
  figures: QueueFigures;
  /** The most of each under load. */
  under: QueueFigures;
}

function barsOfMessages({ published, done, again, laterAttempts, figures, under }: MessageFigures): Bar[] {
  const none = (demand: string, count: number): Bar => ({ demand, figure: String(count), holds: count === 0 });
  return [
    { demand: 'every message done', figure: `${done} of ${published}`, holds: published > 0 && done === published },
    none('none done again', again),
    none('each as its first attempt', laterAttempts),
    none('no failed attempt', figures.failed),
    none('no dead letter', figures.deadLettered),
    { demand: 'the consumer was told to pause', figure: `${under.excused} excused`, holds: under.excused > 0 },
    { demand: `at the function ≤ ${MAX_HELD}`, figure: String(under.inFlight), holds: under.inFlight <= MAX_HELD },
    {
      demand: `fetched ≤ ${MAX_FETCHED}`,
      figure: `${under.unfinished}, ${under.lag} behind`,
      holds: under.unfinished <= MAX_FETCHED,
    },
  ];
}
