// Counts messages. The plain consumer of bench/src/variants does the same work.

interface Message {
  value: { n: number };
}

const state = { count: 0, sum: 0, lastAt: 0 };

function take({ n }: { n: number }): void {
  state.count += 1;
  state.sum += n;
  state.lastAt = performance.now();
}

export function one(_ctx: unknown, message: Message): void {
  take(message.value);
}

export function many(_ctx: unknown, messages: readonly Message[]): void {
  for (const { value } of messages) take(value);
}

export function report(): object {
  return { ...state, now: performance.now() };
}
