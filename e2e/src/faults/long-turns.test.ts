import { afterEach, expect, it } from 'vitest';
import { TestPod, waitFor } from '../harness/pod.ts';

let pod: TestPod | undefined;
afterEach(async () => {
  await pod?.end();
  pod = undefined;
});

it('the longest turns of both processes are in the metrics by cause, and in development in the log with their stack', async () => {
  const started = await TestPod.start({ project: 'turns', env: { BOTTLE_LOG_TURN_STACK_MS: '50' } });
  pod = started;
  // On a busy machine other turns are long, too, and a stack may be taken when the turn has just ended.
  const isSeen = async (): Promise<boolean> => {
    expect((await fetch(`${started.url}/busy`)).status).toBe(200);
    const lines = started.runtime.lines.filter(({ msg }) => /^a turn of the event loop took \d+ ms$/.test(String(msg)));
    return lines.some(
      ({ tookMs, stack }) => Number(tookMs) >= 200 && JSON.stringify(stack).includes('countForALongTime'),
    );
  };
  await waitFor(isSeen, 20_000);
  const longest = async (): Promise<number> => {
    const metrics = await (await started.admin('/metrics')).text();
    const pattern = /^bottle_longest_turn_seconds\{process="runtime",cause="function:busy"\} (\S+)$/m;
    return Number(pattern.exec(metrics)?.[1] ?? 0);
  };
  await waitFor(async () => (await longest()) >= 0.3, 5_000);
  expect(await longest()).toBeLessThan(5);
});
