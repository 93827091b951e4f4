// A process full of subscribers: a SubscriberOrder in; "subscribed" out when all of them are, and "heard" when each has heard one
// message. It is killed in the end, and they all leave at once.
import { connectBottle } from '@bottle/function-runtime/connect-bottle';
import { inBatches } from '../pod-axis.ts';

export interface SubscriberOrder {
  socketDir: string;
  cache: string;
  topic: string;
  count: number;
}

export type SubscriberReport = 'subscribed' | 'heard';

const AT_ONCE = 512;
const CONNECT_TIMEOUT_MS = 120_000;

async function subscribe({ socketDir, cache, topic, count }: SubscriberOrder): Promise<void> {
  const { bottle } = await connectBottle(socketDir, CONNECT_TIMEOUT_MS);
  const report = (text: SubscriberReport): void => void process.send?.(text);
  let heard = 0;
  const hearOne = async (messages: AsyncIterator<unknown>): Promise<void> => {
    await messages.next();
    heard += 1;
    if (heard === count) report('heard');
  };
  await inBatches(count, AT_ONCE, async () => {
    const messages = await bottle.cache<string>(cache).subscribe(topic);
    void hearOne(messages);
  });
  report('subscribed');
}

process.once('message', (order: SubscriberOrder) => void subscribe(order));
process.once('disconnect', () => process.exit(1));
