import { setTimeout as delay } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';

const LOOK_MS = 500;

const { supervisor } = workerData as { supervisor: number };
while (process.ppid === supervisor) await delay(LOOK_MS);
await delay(LOOK_MS * 4); // one that does not stand still ends in order
process.kill(process.pid, 'SIGKILL');
