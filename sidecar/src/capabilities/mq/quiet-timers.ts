import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const schedule = Reflect.get(RequestQueue.prototype, 'scheduleCheckPendingRequests');

/**
 * kafkajs looks after each answer, by a timer, at what waits. Where nothing does, the timer's time is a negative one, of which
 * Node.js warns, and it sets the next one: a thousand a second, for each connection. May be called again.
 */
export function quietTimers(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function scheduleIfAny(this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
