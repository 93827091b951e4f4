/** A kind of work, and two functions that do it: one with the default limit, one with ten places. */
export interface Shape {
  name: string;
  path: string;
  tenPath: string;
  /** Clients that keep each of them busy: what they get done is the capacity. */
  clients: number;
  tenClients: number;
  deadlineMs: number;
  /** Clients leave after so long, and come again. */
  patienceMs?: number;
}

const cpu = { path: '/cpu?before=5', tenPath: '/cpu-ten?before=5', clients: 8, tenClients: 8 };

export const SHAPES: readonly Shape[] = [
  { name: 'cpu', ...cpu, deadlineMs: 2_000 },
  {
    name: 'waiting',
    path: '/waiting?wait=1000',
    tenPath: '/waiting-ten?wait=50',
    clients: 200,
    tenClients: 10,
    deadlineMs: 2_000,
  },
  {
    name: 'mixed',
    path: '/mixed?before=2&wait=50&after=3',
    tenPath: '/mixed-ten?before=2&wait=50&after=3',
    clients: 24,
    tenClients: 10,
    deadlineMs: 2_000,
  },
  {
    name: 'slow dependency',
    path: '/calling?wait=800',
    tenPath: '/calling-ten?wait=50',
    clients: 160,
    tenClients: 10,
    deadlineMs: 2_000,
  },
  { name: 'retry storm', ...cpu, deadlineMs: 2_000, patienceMs: 100 },
  { name: 'deadline 200 ms', ...cpu, deadlineMs: 200 },
  { name: 'deadline 30 s', ...cpu, deadlineMs: 30_000 },
];
