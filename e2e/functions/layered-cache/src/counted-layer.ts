import { bottle, defineLayer, withScope } from 'bottle-sdk';

declare module 'bottle-sdk' {
  interface FaaSContext {
    /** How often the project was begun, whichever pod did. */
    readonly begun: number;
  }
}

export const layer = defineLayer((engine) => {
  let begun = 0;
  engine.addRuntimeExtension({
    async beforeRuntimeStart() {
      begun = await withScope({ timeout: '2s' }, () => bottle.cache('main').increment('begun'));
    },
  });
  engine.addContextExtension(() => ({ begun }));
});
