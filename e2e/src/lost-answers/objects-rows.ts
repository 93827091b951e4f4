import { type Row, toldOf } from './row.ts';

const UNKNOWN = 'unknown (outcome-unknown)';

export const OBJECTS_ROWS: readonly Row[] = [
  {
    capability: 'objects',
    operation: 'put',
    told: UNKNOWN,
    truth: 1,
    async run({ bottle, lose }, key) {
      lose(`PUT /`);
      const told = await toldOf(() => bottle.objects('lossy').put(key, 'x'));
      return { told, truth: (await bottle.objects('direct').head(key))?.size };
    },
  },
  {
    capability: 'objects',
    operation: 'get',
    told: 'not-done, again (resource-unavailable)',
    truth: 1,
    async run({ bottle, lose }, key) {
      await bottle.objects('direct').put(key, 'x');
      lose(`GET /`);
      const told = await toldOf(async () => (await bottle.objects('lossy').get(key)).text());
      return { told, truth: (await bottle.objects('direct').head(key))?.size };
    },
  },
  {
    capability: 'objects',
    operation: 'delete',
    told: 'answered null',
    truth: null,
    async run({ bottle, lose }, key) {
      await bottle.objects('direct').put(key, 'x');
      lose(`DELETE /`);
      const told = await toldOf(async () => (await bottle.objects('lossy').delete(key)) ?? null);
      return { told, truth: (await bottle.objects('direct').head(key)) ?? null };
    },
  },
];
