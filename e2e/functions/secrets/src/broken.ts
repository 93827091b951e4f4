import { bottle, withScope } from 'bottle-sdk';

await withScope({ timeout: '10s' }, async () => {
  throw new Error(`cannot begin with ${await bottle.secrets('payments').get('api-key')}`);
});

export const run = (): void => {};
