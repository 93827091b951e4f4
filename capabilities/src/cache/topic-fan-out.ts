import type { BottleError } from '@bottle/protos';
import type { Subscriber } from './cache-port.ts';

/** Subscribers that are told of a message in one turn of the event loop: what each does with it comes on top. */
const SLICE = 256;
/** Messages that wait for their turn; beyond, whoever publishes has to wait instead. */
const MAX_WAITING = 1_000;

interface Delivery {
  channel: string;
  payload: Buffer;
  /** Those who were there when it was published. */
  subscribers: readonly Subscriber[];
  next: number;
}

/**
 * The subscribers of a resource by channel: however many there are, the store behind them has one subscription for each
 * channel. Everybody gets the messages of a channel in order; thousands are told in slices, so that nothing else waits
 * for all of them.
 */
export class TopicFanOut {
  readonly #topics = new Map<string, Set<Subscriber>>();
  #waiting: Delivery[] = [];
  #isScheduled = false;

  /** Says whether the channel had none before: now it has to be subscribed to. */
  add(channel: string, subscriber: Subscriber): boolean {
    const known = this.#topics.get(channel);
    if (known) known.add(subscriber);
    else this.#topics.set(channel, new Set([subscriber]));
    return !known;
  }

  /** Says whether it was the last one of the channel. */
  delete(channel: string, subscriber: Subscriber): boolean {
    const known = this.#topics.get(channel);
    if (!known?.delete(subscriber) || known.size > 0) return false;
    return this.#topics.delete(channel);
  }

  /** Tells a message to everybody who listens; answers how many they are. */
  tell(channel: string, payload: Buffer): number {
    const subscribers = this.#topics.get(channel);
    if (!subscribers) return 0;
    this.#waiting.push({ channel, payload, subscribers: [...subscribers], next: 0 });
    while (this.#waiting.length > MAX_WAITING) this.#deliver(Number.POSITIVE_INFINITY);
    if (!this.#isScheduled) this.#turn();
    return subscribers.size;
  }

  /** Tells all subscribers that nothing more will come, and forgets them. */
  lose(error: BottleError): void {
    const all = new Set([...this.#topics.values()].flatMap((subscribers) => [...subscribers]));
    this.clear();
    for (const { onLost } of all) onLost(error);
  }

  clear(): void {
    this.#topics.clear();
    this.#waiting = [];
  }

  readonly #turn = (): void => {
    this.#isScheduled = false;
    for (let left = SLICE; left > 0 && this.#waiting.length > 0; ) left -= this.#deliver(left);
    if (this.#waiting.length === 0) return;
    this.#isScheduled = true;
    setImmediate(this.#turn);
  };

  /** Tells the oldest message to at most so many; answers how many it were. */
  #deliver(most: number): number {
    const [delivery] = this.#waiting;
    if (!delivery) return 0;
    const { channel, payload, subscribers, next } = delivery;
    delivery.next = Math.min(subscribers.length, next + most);
    const listening = this.#topics.get(channel);
    for (let at = next; at < delivery.next; at++) {
      const subscriber = subscribers[at];
      if (subscriber && listening?.has(subscriber)) subscriber.onMessage(channel, payload);
    }
    if (delivery.next === subscribers.length) this.#waiting.shift();
    return delivery.next - next;
  }
}
