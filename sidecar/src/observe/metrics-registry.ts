// Counters, gauges and histograms in the Prometheus text format 0.0.4. Of our own because the request path touches
// four of them per request: a child is looked up once and then is one addition, where prom-client hashes its labels
// on every observation.

type Labels = Readonly<Record<string, string>>;

interface Family {
  name: string;
  help: string;
  type: 'counter' | 'gauge' | 'histogram';
  lines(): Iterable<string>;
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

  *lines(name: string, labels: Labels): Iterable<string> {
    let cumulative = 0;
    for (const [index, count] of this.#counts.entries()) {
      cumulative += count;
      const le = index < this.#bounds.length ? String(this.#bounds[index]) : '+Inf';
      yield `${name}_bucket${labelText({ ...labels, le })} ${cumulative}`;
    }
    yield `${name}_sum${labelText(labels)} ${this.#sum}`;
    yield `${name}_count${labelText(labels)} ${cumulative}`;
  }
}

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
      lines: () => children.lines((labels, { value }) => [`${name}${labelText(labels)} ${value}`]),
    });
    return (labels) => children.get(labels);
  }

  histograms(name: string, help: string, bounds: readonly number[]): (labels: Labels) => Histogram {
    const children = new Children(() => new Histogram(bounds));
    this.#families.push({
      name,
      help,
      type: 'histogram',
      lines: () => children.lines((labels, child) => child.lines(name, labels)),
    });
    return (labels) => children.get(labels);
  }

  /** A gauge whose values are asked for when somebody scrapes. */
  gauge(name: string, help: string, read: () => Iterable<{ labels?: Labels; value: number }>): void {
    const lines = function* (): Iterable<string> {
      for (const { labels, value } of read()) yield `${name}${labelText(labels ?? {})} ${value}`;
    };
    this.#families.push({ name, help, type: 'gauge', lines });
  }

  render(): string {
    const text: string[] = [];
    for (const { name, help, type, lines } of this.#families) {
      text.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines());
    }
    return `${text.join('\n')}\n`;
  }
}

class Children<Child> {
  readonly #create: () => Child;
  readonly #children = new Map<string, { labels: Labels; child: Child }>();

  constructor(create: () => Child) {
    this.#create = create;
  }

  get(labels: Labels): Child {
    const key = labelText(labels);
    const known = this.#children.get(key);
    if (known) return known.child;
    const child = this.#create();
    this.#children.set(key, { labels, child });
    return child;
  }

  *lines(render: (labels: Labels, child: Child) => Iterable<string>): Iterable<string> {
    for (const { labels, child } of this.#children.values()) yield* render(labels, child);
  }
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
