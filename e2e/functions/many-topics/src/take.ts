import type { MqMessage } from 'bottle-sdk';

/** What the message says is done with it. */
function take(_ctx: unknown, { value }: MqMessage<'good' | 'bad'>): void {
  if (value === 'bad') throw new Error('a bad one');
}

export const [one, two, three, four, five] = [take, take, take, take, take];
