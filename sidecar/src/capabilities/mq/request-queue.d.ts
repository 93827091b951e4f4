/** Requests of a connection of kafkajs, which has no types for it. */
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    readonly pending: readonly unknown[];
    /** Milliseconds since 1970; -1: never. */
    readonly throttledUntil: number;
    scheduleCheckPendingRequests(): void;
  }
}
