import type { ServerAddresses } from '@bottle/test-servers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startLosingKafka } from './losing-kafka.ts';
import { tableOf, type Verdict } from './row.ts';
import { type Addresses, rowsFor, Stage } from './stage.ts';

const brokers: ServerAddresses['kafkaBrokers'] = inject('kafkaBrokers');
const addresses: Addresses = {
  redisUrl: inject('redisUrl'),
  mysqlUrl: inject('mysqlUrl'),
  s3Url: inject('s3Url'),
  kafka: brokers === undefined ? undefined : await startLosingKafka(),
};

describe('an operation whose answer gets lost is done once at most, and its caller is told the truth', () => {
  const verdicts: Verdict[] = [];
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start(addresses);
  });
  afterAll(async () => {
    process.stdout.write(`${tableOf(verdicts)}\n`);
    await stage?.end();
  });

  // The setup of the run has said so, loudly, where there is no server.
  it.each(rowsFor(addresses).map((row) => ({ title: `${row.capability}, ${row.operation}`, row })))(
    '$title',
    async ({ row }) => {
      const verdict = await stage.check(row);
      verdicts.push(verdict);
      expect(verdict.faults).toEqual([]);
    },
  );
});
