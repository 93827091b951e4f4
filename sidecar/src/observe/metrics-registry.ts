// Counters, gauges and histograms in the Prometheus text format 0.0.4. Of our own because the request path touches
// four of them per request: a child is looked up once and then is one addition, where prom-client hashes its labels
// on every observation.
//  1. A family has a bound: what comes beyond MAX_CHILDREN label sets is counted under one whose values are "(other)".
//  2. A page is made a few milliseconds at a time, each child as a whole, and no faster than it is read.
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Label sets of one family. */
const MAX_CHILDREN = 5_000;
/** Longest turn that a page takes. */
const SLICE_MS = 3;
/** Children between two looks at the clock. */
const SLICE_CHILDREN = 16;

type Labels = Readonly<Record<string, string>>;

interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** Whole lines of one child each. */
  blocks(): Iterable<string>;
}

export class Counter {
  #value = 0;

  add(amount = 1): void {
    this.#value += amount;
  }

  get value(): number {
    return this.#value;
  }
}

export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] ?? 0)) bucket += 1;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  /** `labels` as their text: `{a="b"}`, or nothing. */
  block(name: string, labels: string): string {
    const open = labels === '' ? '{' : `${labels.slice(0, -1)},`;
    let cumulative = 0;
    let text = '';
    for (const [index, count] of this.#counts.entries()) {
      cumulative += count;
      const le = index < this.#bounds.length ? String(this.#bounds[index]) : '+Inf';
      text += `${name}_bucket${open}le="${le}"} ${cumulative}\n`;
    }
    return `${text}${name}_sum${labels} ${this.#sum}\n${name}_count${labels} ${cumulative}\n`;
  }
}

/** Asked for when somebody scrapes. */
type Reading = () => Iterable<{ labels?: Labels; value: number }>;

/** The metrics of one process. */
export class MetricsRegistry {
  readonly #families: Family[] = [];

  /** A counter per label set; the returned function finds or makes the child. */
  counters(name: string, help: string): (labels: Labels) => Counter {
    const children = new Children(() => new Counter());
    this.#families.push({
      name,
      help,
      type: 'counter',
      blocks: () => children.blocks((labels, { value }) => `${name}${labels} ${value}\n`),
    });
    return (labels) => children.get(labels);
  }

  histograms(name: string, help: string, bounds: readonly number[]): (labels: Labels) => Histogram {
    const children = new Children(() => new Histogram(bounds));
    this.#families.push({
      name,
      help,
      type: 'histogram',
      blocks: () => children.blocks((labels, child) => child.block(name, labels)),
    });
    return (labels) => children.get(labels);
  }

  /** A gauge whose values are asked for when somebody scrapes. */
  gauge(name: string, help: string, read: Reading): void {
    this.#reading(name, help, 'gauge', read);
  }

  /** The same of something that only grows, and is counted elsewhere. */
  counter(name: string, help: string, read: Reading): void {
    this.#reading(name, help, 'counter', read);
  }

  /** The same of values by their label `quantile`. */
  summary(name: string, help: string, read: Reading): void {
    this.#reading(name, help, 'summary', read);
  }

  #reading(name: string, help: string, type: Family['type'], read: Reading): void {
    const blocks = function* (): Iterable<string> {
      for (const { labels, value } of read()) yield `${name}${labelText(labels ?? {})} ${value}\n`;
    };
    this.#families.push({ name, help, type, blocks });
  }

  /** The page, in parts. (2) */
  async *render(): AsyncGenerator<string> {
    let text = '';
    let children = 0;
    let until = performance.now() + SLICE_MS;
    for (const { name, help, type, blocks } of this.#families) {
      text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
      for (const block of blocks()) {
        text += block;
        children += 1;
        if (children % SLICE_CHILDREN !== 0 || performance.now() < until) continue;
        yield text;
        text = '';
        await nextTurn();
        until = performance.now() + SLICE_MS;
      }
    }
    yield text;
  }
}

class Children<Child> {
  readonly #create: () => Child;
  /** By their labels' text. */
  readonly #children = new Map<string, Child>();

  constructor(create: () => Child) {
    this.#create = create;
  }

  get(labels: Labels): Child {
    const key = labelText(labels);
    const known = this.#children.get(key);
    if (known) return known;
    if (this.#children.size >= MAX_CHILDREN) return this.#overflow(labels); // 1
    const child = this.#create();
    this.#children.set(key, child);
    return child;
  }

  *blocks(render: (labels: string, child: Child) => string): Iterable<string> {
    for (const [labels, child] of this.#children) yield render(labels, child);
  }

  #overflow(labels: Labels): Child {
    const key = labelText(Object.fromEntries(Object.keys(labels).map((name) => [name, '(other)'])));
    const child = this.#children.get(key) ?? this.#create();
    this.#children.set(key, child);
    return child;
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
