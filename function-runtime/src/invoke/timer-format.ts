import type { Request__Output } from '@bottle/protos';
import type { TimerTick } from 'bottle-sdk';
import { decodeEvent } from './decode-event.ts';
import type { EventFormat } from './event-formats.ts';

/** A tick of a schedule; its result is encoded like that of a direct invocation. */
export const timerFormat: EventFormat = { decode: tickOf };

function tickOf({ attributes, body }: Request__Output): TimerTick {
  const attribute = (name: string): string => {
    const at = attributes.findIndex((each, index) => index % 2 === 0 && each === name);
    return at === -1 ? '' : (attributes[at + 1] ?? '');
  };
  return {
    name: attribute('schedule'),
    scheduledAt: new Date(attribute('scheduledAt')),
    manual: attribute('manual') === 'true',
    payload: decodeEvent(body, 'application/json'),
    shard: { index: Number(attribute('shardIndex')), count: Number(attribute('shardCount')) },
  };
}
